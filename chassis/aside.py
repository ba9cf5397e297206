"""Much at once, on a thread of its own: others are served meanwhile."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_lock = threading.Lock()
_running = 0


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises. For trees of thousands of objects: the collector of cycles would look through all of them again
    and again and finds none, which is some two fifths of the time; so it rests until the last such work is done."""

    def uncollected() -> T:
        with _uncollected():
            return work(*args, **kwargs)

    return await asyncio.to_thread(uncollected)


@contextmanager
def _uncollected() -> Iterator[None]:
    global _running  # noqa: PLW0603 (there is one collector in a process)
    with _lock:
        _running += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                gc.enable()
