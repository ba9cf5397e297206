"""Waiting for something that happens elsewhere, with a deadline."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_LOOK_S = 0.005
_LONGEST_S = 0.2
_LOOK_S = 0.1


async def eventually(condition: Callable[[], T | Awaitable[T]], *, within: float = 10.0) -> T:
    """What `condition` answers, once that is true.

    `within` seconds are those of a machine that is not stalled: a look and the wait after it count for what the wait asked for and a
    tenth of a second at most. Whoever shares the processors with this run does not decide what it finds.

    Raises: AssertionError with the last answer (or what the condition itself asserted) when `within` seconds pass.
    """
    clock, counted, delay = asyncio.get_running_loop().time, 0.0, _FIRST_LOOK_S
    while True:
        began = clock()
        failure: AssertionError | None = None
        try:
            answer = condition()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
        except AssertionError as error:
            failure = error
        if counted > within:
            msg = f"not within {within} s; the last answer was {value if failure is None else failure!r}"
            raise AssertionError(msg) from failure
        await asyncio.sleep(delay)
        counted += min(clock() - began, delay + _LOOK_S)
        delay = min(delay * 1.5, _LONGEST_S)
