"""What identity tells the mesh. Ids only: whoever may know more asks identity."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import GrantId, MandateId, OrganisationId, PersonId, SessionId


class PersonVerified(Event):
    """The city is now this sure of a person."""

    TYPE: ClassVar[str] = "person.verified"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    person_id: PersonId
    assurance: int
    verified_at: Instant

    def key(self) -> str:
        return self.person_id


class PersonMerged(Event):
    """The account became part of another one of the same person: what stands under the old id is the new one's."""

    TYPE: ClassVar[str] = "person.merged"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    person_id: PersonId
    into: PersonId
    merged_at: Instant

    def key(self) -> str:
        return self.person_id


class PersonClosed(Event):
    """The person closed their account. Nobody signs on under this id any more."""

    TYPE: ClassVar[str] = "person.closed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    person_id: PersonId
    closed_at: Instant

    def key(self) -> str:
        return self.person_id


class OrganisationVerified(Event):
    """The registry, or a licence, said so of an organisation."""

    TYPE: ClassVar[str] = "organisation.verified"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    organisation_id: OrganisationId
    assurance: int
    verified_at: Instant

    def key(self) -> str:
        return self.organisation_id


class SessionRevoked(Event):
    """No token of this session may be believed any more. `person_id` is the account that signed on: a person's or an officer's."""

    TYPE: ClassVar[str] = "session.revoked"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    session_id: SessionId
    person_id: PersonId
    revoked_at: Instant

    def key(self) -> str:
        return self.person_id


class GrantRevoked(Event):
    """No token that this client holds of this session may be believed any more; the session and its other clients go on."""

    TYPE: ClassVar[str] = "grant.revoked"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    grant_id: GrantId
    session_id: SessionId
    revoked_at: Instant

    def key(self) -> str:
        return self.grant_id


class MandateRevoked(Event):
    """No token under this mandate may be believed any more: nobody acts by it from now on."""

    TYPE: ClassVar[str] = "mandate.revoked"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    mandate_id: MandateId
    revoked_at: Instant

    def key(self) -> str:
        return self.mandate_id
