"""Legal persons: one account a credit code, with the natural person who represents it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import identity as problems
from contracts.values import Assurance, CreditCode, OrganisationId, PersonId

CHALLENGE_LIFE: Final = timedelta(minutes=5)


class NoSuchOrganisation(NotFound):
    problem = problems.ORGANISATION_NOT_FOUND


class RepresentativeNotConfirmed(Invalid):
    problem = problems.REPRESENTATIVE_WRONG


class LicenceNotConfirmed(Invalid):
    problem = problems.LICENCE_WRONG


class OrganisationIsDissolved(Conflict):
    problem = problems.ORGANISATION_DISSOLVED


@dataclass(frozen=True, slots=True)
class Organisation:
    """A legal person. `representative` is its legal representative 法定代表人, known as a person here."""

    id: OrganisationId
    credit_code: CreditCode
    name: str
    representative: PersonId
    assurance: Assurance
    registered_at: datetime
    status: str = "active"

    @property
    def is_dissolved(self) -> bool:
        return self.status == "dissolved"

    def checked(self, name: str, representative: PersonId) -> "Organisation":
        """As the registry has it now. What a former representative proved by their licence speaks for no other."""
        if representative == self.representative:
            return replace(self, name=name)
        return replace(self, name=name, representative=representative, assurance=Assurance.REAL_NAME)

    def certified(self) -> "Organisation":
        return replace(self, assurance=Assurance.CERTIFIED)

    def dissolved(self) -> "Organisation":
        return replace(self, status="dissolved")


@dataclass(frozen=True, slots=True)
class RegistryCheck:
    """What the registry, or a licence, said of an organisation. `reference` finds it there."""

    method: str
    provider: str
    reference: str
    at: datetime
