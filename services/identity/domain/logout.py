"""Asking for the end of a sign-on, and telling the clients that hold something of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.values import Id, SessionId

HINT_LIFE: Final = timedelta(days=31)
"""How old an ID token may be that names a sign-on to be ended: older than the longest login-free period none can be live."""
LOGOUT_TOKEN_LIFE: Final = timedelta(minutes=2)
DELIVERY_DEADLINE: Final = timedelta(seconds=5)
"""For the whole answer of a client that is told."""
DELIVERY_LEASE: Final = timedelta(seconds=30)
"""After that a delivery whose process has died is somebody else's."""
PAUSES: Final = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""Between the attempts to tell a client; after the last one it is given up."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says of the sign-on that is to end."""

    client_id: str
    account: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One client to be told that one sign-on has ended. `attempt` counts from 1 and includes the one under way."""

    id: Id
    client_id: str
    session_id: SessionId
    account: str
    uri: str
    algorithm: str
    attempt: int

    def next_at(self, at: datetime) -> datetime | None:
        """When to try again after a failure; None when it is time to give up."""
        return at + PAUSES[self.attempt - 1] if self.attempt <= len(PAUSES) else None
