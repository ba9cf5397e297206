"""What a database keeps only for a while is forgotten by a part that runs beside the others."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.errors import ServiceError
from chassis.process import Part

_EVERY: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that nobody needs once they are older than `life`.

    `forget` deletes rows from before a moment and says how many; it may leave some for the next call, none when it says 0.
    """

    life: timedelta
    forget: Callable[[WriteSession, datetime], Awaitable[int]]


def forgetting(name: str, database: Database, clock: Clock, *kept: Kept, every: timedelta = _EVERY) -> Part:
    """At the start, so that a process which never runs for long forgets too, and then every so often."""

    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            for each in kept:
                # A database that is away now is cleaned next time.
                with contextlib.suppress(ServiceError):
                    await _forget(each, database, clock, stop)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every.total_seconds()):
                    await stop.wait()

    return Part(name, main)


async def _forget(kept: Kept, database: Database, clock: Clock, stop: asyncio.Event) -> None:
    before = clock.now() - kept.life
    forgotten = 1
    while forgotten and not stop.is_set():
        async with database.transaction() as session:
            forgotten = await kept.forget(session, before)
