"""When to let things gather before they are carried: never while little comes, and for a bounded time while much does."""

import math
from typing import Final

# Measured over about a second: a burst that is over is soon forgotten, and a lone thing is never the second of many.
_REMEMBERED_S: Final = 1.0


class Pace:
    """Rounds begin at least `apart_s` seconds after each other while more than `busy` things a second come, and at once while
    fewer do: a round's overhead is then shared by `busy * apart_s` things at least. Times are of one monotonic clock."""

    def __init__(self, *, busy: float, apart_s: float) -> None:
        self._busy = busy
        self._apart_s = apart_s
        self._began = -math.inf
        self._counted = 0.0

    def began(self, at: float, count: int) -> None:
        """A round that began at `at` carried so many."""
        self._counted = self._counted * math.exp((self._began - at) / _REMEMBERED_S) + count
        self._began = at

    def wait_s(self, at: float) -> float:
        """How long the next round is to wait from `at`."""
        per_second = self._counted * math.exp((self._began - at) / _REMEMBERED_S) / _REMEMBERED_S
        return max(0.0, self._began + self._apart_s - at) if per_second > self._busy else 0.0
