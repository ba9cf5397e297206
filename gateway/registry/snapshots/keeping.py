"""Loads what the gateway decides by, again whenever the database says that it has changed."""

import asyncio
import contextlib
from typing import Final

import asyncpg
import structlog

from chassis.database import Database
from chassis.errors import Unavailable
from gateway.registry.snapshots import reading
from gateway.registry.snapshots.reading import Rows
from gateway.snapshot import NOTHING_KNOWN, Snapshot

log = structlog.get_logger()

_RECONNECT_S: Final = 1.0


class Snapshots:
    """The current snapshot. Before the first load nothing is known, so everything is refused."""

    def __init__(self, database: Database, *, poll_s: float) -> None:
        self._database = database
        self._poll_s = poll_s
        self._changed = asyncio.Event()
        self._current: Snapshot = NOTHING_KNOWN
        self._rows: Rows | None = None

    def current(self) -> Snapshot:
        return self._current

    @property
    def is_loaded(self) -> bool:
        return self._current.policy_version > 0

    async def keep(self, stop: asyncio.Event) -> None:
        """Reload on every notification, and now and then without one."""
        listening = asyncio.create_task(self._listen(stop))
        try:
            while not stop.is_set():
                self._changed.clear()
                try:
                    await self.load()
                except Unavailable:
                    log.warning("snapshot_not_loaded")
                await _until(self._changed, stop, self._poll_s if self.is_loaded else _RECONNECT_S)
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    async def load(self) -> None:
        async with self._database.reading() as session:
            rows = await reading.rows(session)
        # The same rows make the same snapshot, and the one that is there remembers what it decided.
        if rows != self._rows:
            self._current, self._rows = reading.snapshot(rows), rows

    async def _listen(self, stop: asyncio.Event) -> None:
        dsn = self._database.url.replace("postgresql+asyncpg", "postgresql")
        while not stop.is_set():
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(dsn, timeout=5)
                try:
                    await self._hear(connection)
                finally:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_S)

    async def _hear(self, connection: asyncpg.Connection) -> None:
        """Listen until the connection is lost. What changed before is covered by one reload at the start."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener("registry", lambda *_: self._changed.set())
        self._changed.set()
        await lost.wait()


async def _until(event: asyncio.Event, stop: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.create_task(each.wait()) for each in (event, stop)]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
