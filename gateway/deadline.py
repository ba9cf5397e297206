"""One timer that is moved for every request and rings for hardly any."""

import asyncio
import math
from collections.abc import Callable


class Deadline:
    """Calls `over` when the time given last has passed. Moving it costs no timer: the one that is set looks again when it rings."""

    __slots__ = ("_at", "_loop", "_over", "_rings_at", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[], None]) -> None:
        self._loop = loop
        self._over = over
        self._at = math.inf
        self._rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float, now: float | None = None) -> None:
        """`now` where the loop's time has just been read."""
        self._at = at = (self._loop.time() if now is None else now) + seconds
        if at < self._rings_at:
            self._set(at)

    def off(self) -> None:
        self._at = math.inf

    def close(self) -> None:
        """Also forgets the timer, which would keep its owner alive."""
        self._at = self._rings_at = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, math.inf
        if self._at == math.inf:
            return
        if self._at > self._loop.time():
            self._set(self._at)
            return
        self._at = math.inf
        self._over()
