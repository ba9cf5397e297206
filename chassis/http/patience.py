"""How long whoever called us goes on waiting: what we ask of others on their behalf must be over by then."""

import time
from contextvars import ContextVar
from typing import Final

_MOST_MS: Final = 600_000
_until: ContextVar[float | None] = ContextVar("until", default=None)


def begin(said: str | None) -> None:
    """The request that is being answered says how many milliseconds are left, as the header `tongban-deadline-ms`."""
    is_number = said is not None and said.isascii() and said.isdigit() and int(said) <= _MOST_MS
    _until.set(time.monotonic() + int(said or 0) / 1000 if is_number else None)


def left_s(most: float) -> float:
    """Seconds that a call on behalf of the request may take, `most` at most; 0 when its caller has gone."""
    until = _until.get()
    return most if until is None else max(0.0, min(most, until - time.monotonic()))
