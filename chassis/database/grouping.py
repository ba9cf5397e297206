"""Writes of many callers at once as one statement. Each waits until the statement that carries its own is on disk.

Whoever comes while one is on its way rides in the next, so that a lone caller waits for nobody, and the busier the
process the less each write costs.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from chassis.database.engine import Database
from chassis.database.sessions import WriteSession
from chassis.errors import ServiceError, Unavailable
from chassis.pace import Pace

T = TypeVar("T")
R = TypeVar("R")


class Grouped(Generic[T, R]):
    """`write` is one statement for several items and answers for each in their order; `key` tells items apart that may not
    share a statement.

    With `in_transaction`, `write` may be several statements, which are one transaction. What one item does can then undo the
    others of its group: after any failure but an absent database each is written alone, so that only its own can fail it.
    A `pace` lets items gather while many come.
    """

    def __init__(
        self,
        database: Database,
        write: Callable[[WriteSession, list[T]], Awaitable[Sequence[R]]],
        *,
        key: Callable[[T], Hashable],
        at_most: int = 100,
        in_transaction: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self._opened: Callable[[], AbstractAsyncContextManager[WriteSession]] = (
            database.transaction if in_transaction else database.statement
        )
        self._is_divisible = in_transaction
        self._pace = pace
        self._write = write
        self._key = key
        self._at_most = at_most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, item: T) -> R:
        """Raises as `Database.transaction` does; as there, `Unavailable` leaves open whether it was written."""
        answered: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answered))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await answered

    async def _write_all(self) -> None:
        try:
            # Whoever asks in this turn of the loop rides along.
            await asyncio.sleep(0)
            while self._waiting:
                if self._pace and (wait_s := self._pace.wait_s(asyncio.get_running_loop().time())):
                    await asyncio.sleep(wait_s)
                group = self._next()
                if self._pace:
                    self._pace.began(asyncio.get_running_loop().time(), len(group))
                await self._write_some(group)
        finally:
            self._writing = None
            _fail(self._waiting, Unavailable("the writer ended"))
            self._waiting.clear()

    async def _write_some(self, group: list[tuple[T, "asyncio.Future[R]"]]) -> None:
        try:
            async with self._opened() as session:
                answers = await self._write(session, [item for item, _ in group])
        except BaseException as error:
            if self._is_divisible and len(group) > 1 and isinstance(error, Exception) and not isinstance(error, Unavailable):
                await self._write_each(group)
                return
            _fail(group, error)
            if isinstance(error, ServiceError):
                return
            raise
        for (_, answered), answer in zip(group, answers, strict=True):
            if not answered.done():
                answered.set_result(answer)

    async def _write_each(self, group: list[tuple[T, "asyncio.Future[R]"]]) -> None:
        for place, each in enumerate(group):
            try:
                await self._write_some([each])
            except BaseException:
                _fail(group[place + 1 :], Unavailable("the writer ended"))
                raise

    def _next(self) -> list[tuple[T, "asyncio.Future[R]"]]:
        """The first that may share a statement. Whoever has hung up is written all the same: the effect was asked for."""
        group: list[tuple[T, asyncio.Future[R]]] = []
        later: list[tuple[T, asyncio.Future[R]]] = []
        keys: set[Hashable] = set()
        while self._waiting and len(group) < self._at_most:
            item, answered = self._waiting.popleft()
            key = self._key(item)
            (later if key in keys else group).append((item, answered))
            keys.add(key)
        self._waiting.extendleft(reversed(later))
        return group


def _fail(waiting: "Iterable[tuple[T, asyncio.Future[R]]]", error: BaseException) -> None:
    for _, answered in waiting:
        if not answered.done():
            answered.set_exception(error)
