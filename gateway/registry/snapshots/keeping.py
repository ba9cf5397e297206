"""Loads what the gateway decides by, again whenever the database says that it has changed.

What was loaded last is kept in a file, so that a process that starts while the database is away can decide by that.
"""

import asyncio
from typing import Final

import structlog

from chassis.database import Database, listen
from chassis.errors import Unavailable
from gateway.registry.snapshots import reading
from gateway.registry.snapshots.last_known_good import LastKnownGood
from gateway.registry.snapshots.reading import Rows
from gateway.snapshot import NOTHING_KNOWN, Snapshot

log = structlog.get_logger()

_RECONNECT_S: Final = 1.0
_ASK_EVERY_S: Final = 1.5
_ANSWER_WITHIN_S: Final = 1.5


class Snapshots:
    """The current snapshot. Before the first load nothing is known but what `kept` remembers, so everything is refused."""

    def __init__(self, database: Database, *, poll_s: float, kept: LastKnownGood | None = None) -> None:
        self._database = database
        self._poll_s = poll_s
        self._kept = kept
        self._is_loaded_here = False
        self.is_listening = False
        self._changed = asyncio.Event()
        self._current: Snapshot = NOTHING_KNOWN
        self._rows: Rows | None = None

    def current(self) -> Snapshot:
        return self._current

    @property
    def is_loaded(self) -> bool:
        return self._current.policy_version > 0

    @property
    def is_from_before(self) -> bool:
        """Decided by what a process before this one knew: the database has not answered yet."""
        return self.is_loaded and not self._is_loaded_here

    async def keep(self, stop: asyncio.Event) -> None:
        """Reload on every notification, and now and then without one."""
        channels = {"registry": lambda _: self._changed.set()}
        asked = {"asked_every_s": _ASK_EVERY_S, "answers_within_s": _ANSWER_WITHIN_S}
        listening = asyncio.create_task(listen(self._database.url, channels, begun=self._begin, ended=self._lose, **asked))
        try:
            while not stop.is_set():
                self._changed.clear()
                again_in_s = self._poll_s
                try:
                    await self.load()
                except Unavailable:
                    log.warning("snapshot_not_loaded")
                    await self._restore()
                    again_in_s = _RECONNECT_S
                await _until(self._changed, stop, again_in_s if self._is_loaded_here else _RECONNECT_S)
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    async def load(self) -> None:
        async with self._database.reading() as session:
            rows = await reading.rows(session)
        # The same rows make the same snapshot, and the one that is there remembers what it decided.
        if rows != self._rows:
            self._current, self._rows = reading.snapshot(rows), rows
        self._is_loaded_here = self.is_loaded
        if self._kept is not None and self.is_loaded:
            await asyncio.to_thread(self._kept.keep, rows)

    async def _restore(self) -> None:
        if self._kept is None or self.is_loaded:
            return
        known = await asyncio.to_thread(self._kept.read)
        if known is not None:
            self._current = known
            log.warning("snapshot_from_before", policy_version=known.policy_version)

    def _begin(self) -> None:
        """What changed before is covered by one reload."""
        self.is_listening = True
        self._changed.set()

    def _lose(self) -> None:
        self.is_listening = False


async def _until(event: asyncio.Event, stop: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.create_task(each.wait()) for each in (event, stop)]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
