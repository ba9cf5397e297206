"""Guessing: how often somebody may be wrong before they wait."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within a while lock for a while."""

    failures: int
    within: timedelta
    lock: timedelta


ACCOUNT: Final = Limit(5, timedelta(days=1), timedelta(minutes=15))
"""Wrong passwords, or wrong codes, for one account; known and unknown ones alike."""
SOURCE: Final = Limit(100, timedelta(minutes=15), timedelta(minutes=15))
"""Wrong proofs from one address. A service hall and a mobile network have many people behind one, so it is generous."""
MESSAGES: Final = Limit(10, timedelta(days=1), timedelta(days=1))
"""Messages to one phone."""
MESSAGES_FROM_SOURCE: Final = Limit(60, timedelta(minutes=15), timedelta(minutes=15))
"""Messages that one address asks for."""
KEPT: Final = timedelta(days=2)
"""Longer than any limit looks back."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The failures of one account or source since a moment."""

    since: datetime
    failures: int = 0
    locked_until: datetime | None = None

    def is_locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def failed(self, limit: Limit, at: datetime) -> "Attempts":
        """One more; the last that the limit allows locks. What is older than the limit looks back counts no more."""
        running = self if at < self.since + limit.within else Attempts(at)
        if running.failures + 1 < limit.failures:
            return replace(running, failures=running.failures + 1)
        return Attempts(at, locked_until=at + limit.lock)
