"""Who sees which cases, asked of one case: the rule that `repository/sight.py` says to the database. ADR-0048."""

from dataclasses import dataclass

from chassis.errors import Forbidden, NotFound, ServiceError
from contracts.problems import application as problems
from services.application.domain.applicant import Applicant
from services.application.domain.case import Scope
from services.application.domain.lifecycle import Status
from services.application.domain.units import HANDING_OUT, TAKING_IN

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
    """What the rule needs to know of a case. `taking_in` and `handing_out` are other units than the one that decides."""

    division: str
    agency: str
    matter: str
    person: str | None
    organisation: str | None
    status: str = Status.SUBMITTED.value
    taking_in: frozenset[str] = frozenset()
    handing_out: frozenset[str] = frozenset()


def sees(viewer: Viewer, case: Seen) -> bool:
    if isinstance(viewer, Applicant):
        is_own = case.person == viewer.subject if viewer.person else case.organisation == viewer.subject
        return is_own and (not viewer.matters or case.matter in viewer.matters)
    is_ours = viewer.unit in (case.division, case.agency)
    is_shared = (viewer.unit in case.taking_in and case.status in TAKING_IN) or (
        viewer.unit in case.handing_out and case.status in HANDING_OUT
    )
    return (is_ours or is_shared) and (viewer.matters is None or case.matter in viewer.matters)
