"""Who sees which cases, asked of one case: the rule that `repository/sight.py` says to the database. ADR-0048."""

from dataclasses import dataclass

from chassis.errors import Forbidden, NotFound, ServiceError
from contracts.problems import application as problems
from services.application.domain.applicant import Applicant
from services.application.domain.case import Scope

Viewer = Scope | Applicant


class NotOnesOwnScope(Forbidden):
    problem = problems.NOT_ONES_OWN_SCOPE


class SlipIsRefused(NotFound):
    """A wrong number and a wrong password alike."""

    problem = problems.SLIP_REFUSED


class SlipIsLocked(ServiceError):
    problem = problems.SLIP_LOCKED


class TooManyStreams(ServiceError):
    problem = problems.TOO_MANY_STREAMS


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rule needs to know of a case."""

    division: str
    agency: str
    matter: str
    person: str | None
    organisation: str | None


def sees(viewer: Viewer, case: Seen) -> bool:
    if isinstance(viewer, Applicant):
        is_own = case.person == viewer.subject if viewer.person else case.organisation == viewer.subject
        return is_own and (not viewer.matters or case.matter in viewer.matters)
    is_ours = case.division == viewer.division if viewer.division else case.agency == viewer.agency
    return is_ours and (viewer.matters is None or case.matter in viewer.matters)
