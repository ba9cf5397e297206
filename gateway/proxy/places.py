"""How many requests one service is asked at a time, and who waits until it may be asked."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol


class Attendance(Protocol):
    """Counts those that wait for the mesh. One who steps out waits for somebody else, and must step in again."""

    def step_out(self) -> None: ...

    def step_in(self) -> None: ...


class HeldByReaders(Exception):
    """No place became free in time, and it was not the service that held most of them."""


class Places:
    """`count` of them: take one when there is a `free` one, or after `wait`; `release` it once.

    A request whose answer has begun `begins_to_flow` and keeps its place for as long as its caller reads. Where most are kept
    so, whoever waits for one waits for those callers, and steps out of its attendance meanwhile. Source: ADR-0031.
    """

    def __init__(self, count: int) -> None:
        self._count = self.free = count
        self._flowing = 0
        self._waiting: deque[_Waiting] = deque()

    def take(self) -> None:
        self.free -= 1

    def release(self) -> None:
        self.free += 1
        self._call_next()

    def begins_to_flow(self) -> None:
        self._flow(1)

    def flowed(self) -> None:
        """Its caller reads no more of it. Releases the place."""
        self._flow(-1)
        self.release()

    async def wait(self, within_s: float, attendance: Attendance | None) -> None:
        """Until there is a free one. In a task only. Raises TimeoutError, HeldByReaders."""
        try:
            async with asyncio.timeout(within_s):
                while not self.free:
                    await self._turn(attendance)
        except TimeoutError:
            if self._is_held_by_readers:
                raise HeldByReaders from None
            raise

    async def _turn(self, attendance: Attendance | None) -> None:
        waiting = _Waiting(asyncio.get_running_loop().create_future(), attendance)
        self._waiting.append(waiting)
        waiting.stand(aside=self._is_held_by_readers)
        try:
            await waiting.called
        except BaseException:
            if waiting.called.done() and not waiting.called.cancelled():
                # Called in the moment in which it gave up: it is the next one's turn.
                self._call_next()
            raise
        finally:
            waiting.stand(aside=False)

    def _call_next(self) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.called.done():
                waiting.called.set_result(None)
                return

    @property
    def _is_held_by_readers(self) -> bool:
        return 2 * self._flowing > self._count

    def _flow(self, more: int) -> None:
        was = self._is_held_by_readers
        self._flowing += more
        if self._is_held_by_readers != was:
            for waiting in self._waiting:
                waiting.stand(aside=not was)


@dataclass(slots=True)
class _Waiting:
    called: "asyncio.Future[None]"
    attendance: Attendance | None
    _is_aside: bool = False

    def stand(self, *, aside: bool) -> None:
        if self.attendance is None or aside == self._is_aside or (aside and self.called.done()):
            return
        self._is_aside = aside
        if aside:
            self.attendance.step_out()
        else:
            self.attendance.step_in()
