"""For whom a case is, and who acts."""

from dataclasses import dataclass

from chassis.errors import Forbidden, Invalid
from contracts.api.catalogue import Definition
from contracts.api.certificate import CertificateType
from contracts.problems import application as problems
from contracts.problems import common
from contracts.values import MandateId, OrganisationId, PersonId, TaskCode

_LEGAL_PERSONS = frozenset({"enterprise", "institution", "organisation"})


class MatterNotInMandate(Forbidden):
    problem = common.MATTER_NOT_IN_MANDATE


class MatterNotForOrganisations(Invalid):
    problem = problems.MATTER_NOT_FOR_ORGANISATIONS


@dataclass(frozen=True, slots=True)
class Applicant:
    """`subject` applies; with an `actor`, that person acts for it under `mandate`, in `matters` (basic codes; none: all)."""

    subject: PersonId | OrganisationId
    actor: PersonId | None = None
    mandate: MandateId | None = None
    matters: tuple[str, ...] = ()

    @property
    def person(self) -> PersonId | None:
        return self.subject if isinstance(self.subject, PersonId) else None

    @property
    def organisation(self) -> OrganisationId | None:
        return self.subject if isinstance(self.subject, OrganisationId) else None

    def check_matter(self, task_code: TaskCode) -> None:
        """Raises MatterNotInMandate."""
        if self.matters and task_code.basic not in self.matters:
            raise MatterNotInMandate

    def check_served(self, definition: Definition) -> None:
        """Raises MatterNotForOrganisations."""
        if self.organisation and not _LEGAL_PERSONS & set(definition.served):
            raise MatterNotForOrganisations

    def check_holds(self, kind: CertificateType) -> None:
        """Whether the applicant may hold what the matter gives. Raises MatterNotForOrganisations."""
        if self.organisation and kind.holder != "organisation":
            raise MatterNotForOrganisations
