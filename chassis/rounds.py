"""Work that comes round again and again while a process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from chassis.database import Database, listen
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part

log = structlog.get_logger()

_SOON_S: Final = 1.0
_AT_THE_LATEST_S: Final = 60.0


def rounds(name: str, work: Callable[[asyncio.Event], Awaitable[None]], *, every: timedelta) -> Part:
    """At the start, and again `every` so often after it is done. `work` is given what tells it to stop.

    What keeps it from its work now, as a database that is away, it tries again in the next round.
    """

    async def main(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await work(stop)
            except ServiceError as error:
                log.warning("round_waits", part=name, error=type(error).__name__)
            await is_set_within(stop, every.total_seconds())

    return Part(name, main)


def rounds_when_told(name: str, work: Callable[[], Awaitable[bool]], *, database: Database, channel: str) -> Part:
    """At the start, and again when the database tells of something in `channel`: while it tells of nothing, next to nothing is asked.

    `work` says whether all of it is done; what is left, it is asked for again in a second. What nobody was told of, as when the
    connection was lost, is found within a minute.
    """

    async def main(stop: asyncio.Event) -> None:
        told = asyncio.Event()
        # Of what came before, nobody was told.
        listening = listen(database.url, {channel: lambda _: told.set()}, begun=told.set, ended=lambda: None)
        waiting = [asyncio.create_task(listening), asyncio.create_task(_pass_on(stop, told))]
        try:
            while not stop.is_set():
                # Cleared before anything is read: what is told of afterwards is the next round's.
                told.clear()
                is_done = False
                try:
                    is_done = await work()
                except ServiceError as error:
                    log.warning("round_waits", part=name, error=type(error).__name__)
                await is_set_within(told, _AT_THE_LATEST_S if is_done else _SOON_S)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)

    return Part(name, main)


async def _pass_on(stop: asyncio.Event, told: asyncio.Event) -> None:
    await stop.wait()
    told.set()
