"""By which channels applicants are told, and how often that is tried. ADR-0048."""

from datetime import timedelta
from typing import Final, Literal

Channel = Literal["sms", "push"]
State = Literal["queued", "sending", "sent", "delivered", "failed"]

CHANNELS: Final[tuple[Channel, ...]] = ("sms", "push")
LEASE: Final = timedelta(minutes=2)
"""After it another process takes a message over whose sending was begun: the sender knows its key."""
ATTEMPTS: Final = 12
RECEIPT_PAUSE: Final = timedelta(minutes=1)
RECEIPT_WITHIN: Final = timedelta(hours=24)
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(hours=1)


def pause(attempts: int) -> timedelta:
    """Before the next attempt, when so many have failed."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(attempts, 10)
    return min(doubled, _LONGEST_PAUSE)
