"""Legal persons: one account a credit code, with the natural person who represents it."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import NotFound
from contracts.problems import identity as problems
from contracts.values import Assurance, CreditCode, OrganisationId, PersonId


class NoSuchOrganisation(NotFound):
    problem = problems.ORGANISATION_NOT_FOUND


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
