"""What moves, as it moves: one listener a process tells every open stream of the moves that its viewer sees. ADR-0048.

The database tells of a move when it is committed, in the order of commits, so nothing is told that may still be undone.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from chassis.database import Database, listen
from chassis.errors import ServiceError
from contracts.api import application as api
from contracts.values import OfficerId
from services.application.domain.sight import Seen, TooManyStreams, Viewer, sees
from services.application.queries import moves

log = structlog.get_logger()

_MOVES: Final = "case_moves"
_SCOPES: Final = "officer_scopes"
_HELD: Final = 200


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream: `number` is of the one case it follows, if it does. It ends when `is_over` and what is held has been read."""

    viewer: Viewer
    caller: str
    number: str | None
    officer: OfficerId | None
    is_over: bool = False
    _held: list[api.Moved] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, move: api.Moved) -> None:
        if len(self._held) >= _HELD:
            # It reads too slowly: it comes back and goes on from the last one it has.
            self.end()
        elif not self.is_over:
            self._held.append(move)
            self._wake.set()

    def end(self) -> None:
        self.is_over = True
        self._wake.set()

    async def next(self, within_s: float) -> Sequence[api.Moved]:
        """What has come, nothing when nothing does in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._wake.wait()
        told, self._held = self._held, []
        if not self.is_over:
            self._wake.clear()
        return told


class Live:
    """At most `streams` in this process, and `each` of one caller. `told` counts the moves that were passed on."""

    def __init__(self, database: Database, *, streams: int = 500, each: int = 8, heartbeat_s: float = 5.0) -> None:
        self.heartbeat_s = heartbeat_s
        self._database = database
        self._streams: set[Stream] = set()
        self._callers: Counter[str] = Counter()
        self.streams, self.each = streams, each
        self.is_listening = False
        self.told = 0
        self._moved: set[int] = set()
        self._wake = asyncio.Event()

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    @contextlib.asynccontextmanager
    async def watching(
        self, viewer: Viewer, caller: str, *, number: str | None = None, officer: OfficerId | None = None
    ) -> AsyncIterator[Stream]:
        """From now on the stream is told. Raises TooManyStreams."""
        if len(self._streams) >= self.streams or self._callers[caller] >= self.each:
            raise TooManyStreams
        stream = Stream(viewer, caller, number, officer)
        self._streams.add(stream)
        self._callers[caller] += 1
        try:
            yield stream
        finally:
            self._streams.discard(stream)
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until told to stop; then every stream ends, and its client goes to another process."""
        channels = {_MOVES: self._on_move, _SCOPES: self._on_scope}
        listening = asyncio.create_task(listen(self._database.url, channels, begun=self._begin, ended=self._lose))
        telling = asyncio.create_task(self._tell())
        try:
            await stop.wait()
        finally:
            listening.cancel()
            telling.cancel()
            self._end(self._streams)

    def _begin(self) -> None:
        """What moved while nobody listened is read by whoever comes back."""
        self._end(self._streams)
        self.is_listening = True

    def _lose(self) -> None:
        self.is_listening = False
        self._end(self._streams)

    def _on_move(self, history_id: str) -> None:
        if self._streams:
            self._moved.add(int(history_id))
            self._wake.set()

    def _on_scope(self, officer: str) -> None:
        """What the officer sees has changed: their streams end, and begin anew with what they see now."""
        self._end(stream for stream in self._streams if stream.officer == officer)

    def _end(self, streams: Iterable[Stream]) -> None:
        for stream in list(streams):
            stream.end()

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            ids, self._moved = self._moved, set()
            try:
                async with self._database.reading() as session:
                    told = await moves.moved(session, sorted(ids))
            except ServiceError as error:
                log.warning("live_could_not_read", error=type(error).__name__)
                self._end(self._streams)
                continue
            for move, case in told:
                self._pass_on(move, case)
            self.told += len(told)

    def _pass_on(self, move: api.Moved, case: Seen) -> None:
        for stream in self._streams:
            if stream.number in (None, move.number) and sees(stream.viewer, case):
                stream.tell(move)
