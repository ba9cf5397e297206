"""What may wait gathers behind a run that has just begun; everything else goes on as it came."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from chassis.messaging.lanes import Lanes, Patience
from tests.support.eventually import eventually

PARTITION = TopicPartition("topic", 0)


@dataclass
class Line:
    """One lane. A record is its number; what begins with `u` is urgent. `runs` are what was handled at once, and when."""

    lanes: Lanes
    runs: list[list[str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def put(self, *records: str) -> None:
        said: Any = list(records)
        self.lanes.put(PARTITION, said)

    async def are(self, *expected: list[str]) -> None:
        await eventually(lambda: self.runs == list(expected), within=5)


@asynccontextmanager
async def line(*, apart_s: float) -> AsyncIterator[Line]:
    async def handle(records: Sequence[Any]) -> AsyncGenerator[int, None]:
        found.runs.append(list(records))
        found.at.append(asyncio.get_running_loop().time())
        yield len(records)

    def may_wait(record: Any) -> bool:
        return not str(record).startswith("u")

    found = Line(Lanes(handle, Patience(may_wait, apart_s)))
    yield found
    await found.lanes.close([PARTITION], within=1)


async def test_a_lone_record_is_handled_at_once_and_those_after_it_together() -> None:
    async with line(apart_s=0.2) as lane:
        lane.put("1")
        await lane.are(["1"])
        lane.put("2")
        lane.put("3", "4")
        await lane.are(["1"], ["2", "3", "4"])
        assert lane.at[1] - lane.at[0] >= 0.2


async def test_what_may_not_wait_ends_the_waiting_of_those_before_it() -> None:
    async with line(apart_s=600) as lane:
        lane.put("1")
        await lane.are(["1"])
        lane.put("2")
        lane.put("u3")
        await lane.are(["1"], ["2", "u3"])
        lane.put("u4")
        await lane.are(["1"], ["2", "u3"], ["u4"])


async def test_runs_of_what_may_wait_are_long_and_others_short() -> None:
    many = [str(number) for number in range(100)]
    async with line(apart_s=600) as lane:
        lane.put(*many)
        await lane.are(many)
        lane.put(*many[:30], "u")
        await lane.are(many, many[:20], [*many[20:30], "u"])


async def test_enough_of_them_do_not_wait_for_more() -> None:
    many = [str(number) for number in range(500)]
    async with line(apart_s=600) as lane:
        lane.put("first")
        await lane.are(["first"])
        lane.put(*many)
        await lane.are(["first"], many)


async def test_who_waits_ends_when_the_lane_is_closed_and_stays_unhandled() -> None:
    async with line(apart_s=600) as lane:
        lane.put("1")
        await lane.are(["1"])
        lane.put("2")
        async with asyncio.timeout(5):
            await lane.lanes.close([PARTITION], within=1)
    assert lane.runs == [["1"]]
