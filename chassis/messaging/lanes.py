"""Lanes: the records of each partition handled one after another, partitions beside each other.

The reader fills lanes as fast as the broker sends. Were records left in the library's buffer while handlers work, its
next fetch would leave their partition out and wait the whole `fetch_max_wait_ms` before it comes back to it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition

FULL: Final = 2000
_READY_AGAIN: Final = 500

Handle = Callable[["ConsumerRecord[bytes, bytes]"], Awaitable[None]]


class Lane:
    def __init__(self, handle: Handle, progress: asyncio.Event) -> None:
        self._handle = handle
        self._progress = progress
        self._waiting: asyncio.Queue[ConsumerRecord[bytes, bytes]] = asyncio.Queue()
        self._is_busy = False
        self._is_closed = False
        self.next_offset: int | None = None
        self.task = asyncio.create_task(self._run())

    def extend(self, records: Iterable["ConsumerRecord[bytes, bytes]"]) -> None:
        for record in records:
            self._waiting.put_nowait(record)

    @property
    def length(self) -> int:
        return self._waiting.qsize()

    async def close(self, within: float) -> None:
        """Finish the record under way if it ends in time; the others stay unhandled."""
        self._is_closed = True
        if self._is_busy:
            await asyncio.wait([self.task], timeout=within)
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _run(self) -> None:
        while not self._is_closed:
            record = await self._waiting.get()
            self._is_busy = True
            try:
                await self._handle(record)
            finally:
                self._is_busy = False
            self.next_offset = record.offset + 1
            self._progress.set()


class Lanes:
    """The lanes of the partitions that this process holds. `failed` resolves when one cannot go on."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._lanes: dict[TopicPartition, Lane] = {}
        self._committed: dict[TopicPartition, int] = {}
        self.progress = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def put(self, partition: TopicPartition, records: Sequence["ConsumerRecord[bytes, bytes]"]) -> bool:
        """True when the lane is full now and its partition should be paused."""
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane(self._handle, self.progress)
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
