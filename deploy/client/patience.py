"""Calls that outlive a restart of the mesh: repeated while nobody answers, for a minute at most."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from deploy.client.oauth import SignOnFailed
from deploy.client.waiting import asked_for_s

Call = Callable[[], Awaitable[httpx.Response]]

_AWAY: Final = frozenset({502, 503, 504})
_PAUSE_S: Final = 0.2


class NobodyAnswered(Exception):
    """The mesh was away for all of the time allowed; the text is the last that was heard of it."""


async def patiently(call: Call, *, within_s: float = 60.0) -> httpx.Response:
    """The first answer of a mesh that is there.

    `call` is repeated, so it must be a question, a write under one Idempotency-Key, or a write that may happen twice.
    Raises NobodyAnswered after `within_s`.
    """
    deadline = time.monotonic() + within_s
    while True:
        pause_s = _PAUSE_S
        try:
            answer = await call()
            if not _is_to_be_repeated(answer):
                return answer
            last = f"{answer.status_code} {answer.text[:300]}"
            pause_s = max(pause_s, min(asked_for_s(answer, otherwise=0), deadline - time.monotonic()))
        except httpx.TransportError as error:
            last = repr(error)
        except SignOnFailed as error:
            if error.status not in _AWAY:
                raise
            last = str(error)
        if time.monotonic() > deadline:
            raise NobodyAnswered(f"no answer within {within_s:.0f} s; the last was: {last}")
        await asyncio.sleep(pause_s)


def _is_to_be_repeated(answer: httpx.Response) -> bool:
    if answer.status_code in _AWAY:
        return True
    # The connection of an earlier attempt broke while the service went on working on it.
    return answer.status_code == 409 and "request-in-progress" in answer.text
