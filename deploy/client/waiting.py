"""Doing what Retry-After asks for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

_TRIES: Final = 3


def asked_for_s(answer: httpx.Response, *, otherwise: float) -> float:
    """Retry-After in seconds. Source: RFC 9110 section 10.2.3; its other form, a date, is not used by the mesh."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else otherwise


async def unhurried(call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer to `call`, asked again after a 429 when its time is over; the third 429 is the answer."""
    for _ in range(_TRIES - 1):
        answer = await call()
        if answer.status_code != 429:
            return answer
        await asyncio.sleep(asked_for_s(answer, otherwise=1.0))
    return await call()
