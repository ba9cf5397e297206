"""Work that comes round again and again while a process runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import asyncpg
import structlog
from sqlalchemy.engine import make_url

from chassis.database import Database
from chassis.errors import ServiceError
from chassis.messaging.stopping import is_set_within
from chassis.process import Part

log = structlog.get_logger()

_SOON_S: Final = 1.0
_AT_THE_LATEST_S: Final = 60.0
_ANSWER_WITHIN_S: Final = 5.0
_LOST: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


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
        waiting = [asyncio.create_task(_listen(database.url, channel, told)), asyncio.create_task(_pass_on(stop, told))]
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


async def _listen(url: str, channel: str, told: asyncio.Event) -> None:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        with contextlib.suppress(*_LOST):
            connection = await asyncpg.connect(dsn, timeout=_ANSWER_WITHIN_S, command_timeout=_ANSWER_WITHIN_S)
            try:
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(channel, lambda *_: told.set())
                # Of what came before, nobody was told.
                told.set()
                while not await is_set_within(lost, _AT_THE_LATEST_S / 2):
                    # A way that swallows everything loses no connection: only a question shows it.
                    await connection.execute("SELECT")
            finally:
                connection.terminate()
        await asyncio.sleep(_SOON_S)
