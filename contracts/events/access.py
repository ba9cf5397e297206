"""The fact that somebody's data was looked at. Every publisher of personal data may state it."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.topics import SERVICES
from contracts.values import CaseNumber, MandateId, OfficerId, OrganisationId, PartyId, PersonId


class DataAccessed(Event):
    """Who saw which items of whose data, for which purpose.

    `service` is set when a service of the mesh asked for itself, `party` and `officer` when somebody outside did,
    `person` when a person looked (at their own data, or another's by mandate: `mandate` then says which).
    `organisations` are subjects that are legal persons; without any subject there is no access.
    """

    TYPE: ClassVar[str] = "data.accessed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = SERVICES

    subjects: tuple[PersonId, ...]
    organisations: tuple[OrganisationId, ...] = ()
    owner: str
    service: str | None = None
    party: PartyId | None = None
    officer: OfficerId | None = None
    person: PersonId | None = None
    mandate: MandateId | None = None
    grade: int
    purpose: str
    case_number: CaseNumber | None = None
    items: tuple[str, ...] = ()
    at: Instant
    request_id: str | None = None

    def key(self) -> str:
        return (*self.subjects, *self.organisations)[0]
