"""Waiting for something that happens elsewhere, with a deadline."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_LOOK_S = 0.005
_LONGEST_S = 0.2


async def eventually(condition: Callable[[], T | Awaitable[T]], *, within: float = 10.0) -> T:
    """What `condition` answers, once that is true.

    Raises: AssertionError with the last answer (or what the condition itself asserted) when `within` seconds pass.
    """
    deadline = asyncio.get_running_loop().time() + within
    delay = _FIRST_LOOK_S
    while True:
        failure: AssertionError | None = None
        try:
            answer = condition()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
        except AssertionError as error:
            failure = error
        if asyncio.get_running_loop().time() > deadline:
            msg = f"not within {within} s; the last answer was {value if failure is None else failure!r}"
            raise AssertionError(msg) from failure
        await asyncio.sleep(delay)
        delay = min(delay * 1.5, _LONGEST_S)
