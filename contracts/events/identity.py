"""What identity tells the mesh. Ids only: whoever may know more asks identity."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import GrantId, PersonId, SessionId


class PersonVerified(Event):
    """The city is now this sure of a person."""

    TYPE: ClassVar[str] = "person.verified"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    person_id: PersonId
    assurance: int
    verified_at: Instant

    def key(self) -> str:
        return self.person_id


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
