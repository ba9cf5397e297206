"""What identity tells the mesh. Ids only: whoever may know more asks identity."""

from typing import ClassVar

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import PersonId, SessionId


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
    """No token of this session may be believed any more."""

    TYPE: ClassVar[str] = "session.revoked"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("identity",)

    session_id: SessionId
    person_id: PersonId
    revoked_at: Instant

    def key(self) -> str:
        return self.person_id
