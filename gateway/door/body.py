"""The body of a request while it arrives. Whoever reads it slowly slows its sender."""

import time
from collections.abc import Callable
from typing import Final

from chassis.errors import BodyTooLarge
from gateway.turns import Turn

HELD_BYTES: Final = 64 * 1024
"""How much is held for a reader that has not come yet, before the sender is made to wait."""


class Body:
    """`length` is what the sender declared, None when it comes in chunks. Nothing over `limit` bytes is ever given out.

    `on_read` is called when somebody waits for more: the sender may have to be told to go on. One that `awaits_leave` sends
    nothing before (Expect: 100-continue).
    """

    __slots__ = (
        "_chunks",
        "_on_read",
        "_turn",
        "_waited_s",
        "_waits_since",
        "awaits_leave",
        "held",
        "is_complete",
        "length",
        "limit",
        "size",
    )

    def __init__(self, length: int | None, on_read: Callable[[], None], *, awaits_leave: bool = False) -> None:
        self.length = length
        self.awaits_leave = awaits_leave
        self.limit = HELD_BYTES
        self.size = 0
        self.held = 0
        self.is_complete = False
        self._on_read = on_read
        self._chunks: list[bytes] = []
        self._turn: Turn | None = None
        self._waits_since = self._waited_s = 0.0

    # The sender's side

    def feed(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.held += len(chunk)
        self._chunks.append(chunk)

    def finish(self) -> None:
        self.is_complete = True

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for more than is held."""
        return self._turn is not None

    def wake(self) -> None:
        """Whoever waits for more goes on with what was fed."""
        if self._turn is not None:
            turn, self._turn = self._turn, None
            self._waited_s += time.perf_counter() - self._waits_since
            turn.give()

    # The reader's side

    def waited_s(self, now: float) -> float:
        """How long its sender has been waited for until `now` of `time.perf_counter`, also where the last wait was in vain."""
        return self._waited_s if self._turn is None else self._waited_s + now - self._waits_since

    async def start(self, enough: int = HELD_BYTES) -> bytes:
        """What has come when all has come or at least `enough` bytes have. Raises BodyTooLarge."""
        while not self.is_complete and self.held < enough:
            await self._more()
        return self._take()

    async def whole(self) -> bytes:
        """Raises BodyTooLarge."""
        return await self.start(self.limit + 1)

    async def next(self) -> bytes:
        """The next piece, empty after the last. Raises BodyTooLarge."""
        return await self.start(1)

    async def skip(self) -> None:
        """Let the rest of a small body pass, so that the connection can be used again."""
        while not (self.is_complete or self.awaits_leave) and max(self.size, self.length or 0) <= HELD_BYTES:
            await self._wait()
            self._chunks.clear()
            self.held = 0

    def _take(self) -> bytes:
        if self.size > self.limit:
            raise BodyTooLarge
        taken = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self.held = 0
        return taken

    async def _more(self) -> None:
        if self.size > self.limit:
            raise BodyTooLarge
        await self._wait()

    async def _wait(self) -> None:
        self._turn = turn = Turn()
        self._waits_since = time.perf_counter()
        self._on_read()
        await turn


def _nothing() -> None:
    """Nobody sends."""


NO_BODY: Final = Body(0, _nothing)
NO_BODY.finish()
