"""Lanes: the records of each partition handled one after another, partitions beside each other.

The reader fills lanes as fast as the broker sends. Were records left in the library's buffer while handlers work, its
next fetch would leave their partition out and wait the whole `fetch_max_wait_ms` before it comes back to it.

What may wait does so behind a run that has just begun: a lone record is handled at once, and of many a run takes hundreds.
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition

from chassis.messaging.stopping import is_set_within

FULL: Final = 2000
_READY_AGAIN: Final = 500

# So that what waits behind a run, a request for the same row among it, waits for a moment only.
_RECORDS_AT_ONCE: Final = 20
_PATIENT_RECORDS_AT_ONCE: Final = 500

Handle = Callable[[Sequence["ConsumerRecord[bytes, bytes]"]], AsyncGenerator[int, None]]
"""Handles records in their order, and says each time up to which offset all are done with."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Which records may wait, so that runs of nothing else begin `apart_s` seconds after each other."""

    may_wait: Callable[["ConsumerRecord[bytes, bytes]"], bool]
    apart_s: float


_NONE: Final = Patience(lambda _: False, 0.0)


class Lane:
    def __init__(self, handle: Handle, progress: asyncio.Event, patience: Patience) -> None:
        self._handle = handle
        self._progress = progress
        self._patience = patience
        self._urgent = 0
        self._began = -math.inf
        self._waiting: deque[ConsumerRecord[bytes, bytes]] = deque()
        self._arrived = asyncio.Event()
        self._is_busy = False
        self._is_closed = False
        self.next_offset: int | None = None
        self.task = asyncio.create_task(self._run())

    def extend(self, records: Iterable["ConsumerRecord[bytes, bytes]"]) -> None:
        for each in records:
            self._waiting.append(each)
            self._urgent += not self._patience.may_wait(each)
        self._arrived.set()

    @property
    def length(self) -> int:
        return len(self._waiting)

    async def close(self, within: float) -> None:
        """Finish what is under way if it ends in time; the others stay unhandled."""
        self._is_closed = True
        if self._is_busy:
            await asyncio.wait([self.task], timeout=within)
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _run(self) -> None:
        while not self._is_closed:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            records = await self._next()
            self._is_busy = True
            try:
                await self._handle_all(records)
            finally:
                self._is_busy = False

    async def _next(self) -> "list[ConsumerRecord[bytes, bytes]]":
        """The records of the next run."""
        loop = asyncio.get_running_loop()
        ends = self._began + self._patience.apart_s
        while self._is_patient and (left_s := ends - loop.time()) > 0:
            self._arrived.clear()
            await is_set_within(self._arrived, left_s)
        self._began = loop.time()
        at_most = _RECORDS_AT_ONCE if self._urgent else _PATIENT_RECORDS_AT_ONCE
        records = [self._waiting.popleft() for _ in range(min(at_most, len(self._waiting)))]
        if self._urgent:
            self._urgent -= sum(not self._patience.may_wait(each) for each in records)
        return records

    @property
    def _is_patient(self) -> bool:
        return not self._urgent and len(self._waiting) < _PATIENT_RECORDS_AT_ONCE

    async def _handle_all(self, records: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
        async with aclosing(self._handle(records)) as handling:
            async for offset in handling:
                self.next_offset = offset
                self._progress.set()
                if self._is_closed:
                    return


class Lanes:
    """The lanes of the partitions that this process holds. `failed` resolves when one cannot go on."""

    def __init__(self, handle: Handle, patience: Patience | None = None) -> None:
        self._handle = handle
        self._patience = patience or _NONE
        self._lanes: dict[TopicPartition, Lane] = {}
        self._committed: dict[TopicPartition, int] = {}
        self.progress = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def put(self, partition: TopicPartition, records: Sequence["ConsumerRecord[bytes, bytes]"]) -> bool:
        """True when the lane is full now and its partition should be paused."""
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane(self._handle, self.progress, self._patience)
            lane.task.add_done_callback(self._report)
        lane.extend(records)
        return lane.length >= FULL

    def has_room(self, partition: TopicPartition) -> bool:
        lane = self._lanes.get(partition)
        return lane is None or lane.length <= _READY_AGAIN

    def uncommitted(self) -> dict[TopicPartition, int]:
        """Offsets to commit: for each partition the first that is not handled yet, where that has moved."""
        reached = {each: lane.next_offset for each, lane in self._lanes.items() if lane.next_offset is not None}
        return {each: offset for each, offset in reached.items() if self._committed.get(each) != offset}

    def committed(self, offsets: dict[TopicPartition, int]) -> None:
        self._committed.update(offsets)

    async def close(self, partitions: Iterable[TopicPartition], within: float) -> None:
        """End the lanes of these partitions. Their progress still shows in `uncommitted` until they are dropped."""
        lanes = [self._lanes[each] for each in partitions if each in self._lanes]
        await asyncio.gather(*(lane.close(within) for lane in lanes))

    def drop(self, partitions: Iterable[TopicPartition]) -> None:
        for each in partitions:
            self._lanes.pop(each, None)
            self._committed.pop(each, None)

    def partitions(self) -> list[TopicPartition]:
        return list(self._lanes)

    def _report(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.failed.done():
            self.failed.set_exception(error)
