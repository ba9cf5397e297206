"""Stops asking a service that keeps failing, and asks again with a single request after a pause."""

from typing import Final

_FAILURES: Final = 5
_PAUSE_S: Final = 2.0


class Breaker:
    """Closed, then open after five failures in a row, then half open: one probe decides."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0
        self._probing = False

    @property
    def is_closed(self) -> bool:
        """Nothing has failed since the last success."""
        return not self._failures

    def may_pass(self, now: float) -> bool:
        if self._failures < _FAILURES:
            return True
        if now < self._open_until or self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._probing = False

    def failed(self, now: float) -> None:
        self._failures += 1
        self._probing = False
        if self._failures >= _FAILURES:
            self._open_until = now + _PAUSE_S

    def abandoned(self) -> None:
        """The request ended without telling anything about the service."""
        self._probing = False
