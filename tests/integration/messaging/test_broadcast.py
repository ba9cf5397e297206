"""A tail that every process reads for itself."""

import asyncio
from datetime import timedelta

from chassis.clock import SystemClock
from chassis.messaging import Broadcast
from tests.support.eventually import eventually
from tests.support.ledger.events import Noted
from tests.support.station import Station, running


class Listening:
    def __init__(self, station: Station, *, lookback: timedelta = timedelta(0)) -> None:
        self.heard: list[int] = []
        self.broadcast = Broadcast(lookback=lookback)
        self.broadcast.on(Noted)(lambda event: self.heard.append(event.number))
        self._station = station

    async def main(self, stop: asyncio.Event) -> None:
        await self.broadcast.run(self._station.kafka, self._station.namespace, SystemClock(), stop)


async def test_every_process_hears_every_event_that_comes_after_its_start(station: Station) -> None:
    one, two = Listening(station), Listening(station)
    async with running(station.relay().run):
        await station.publish("a", 1)

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published)
        async with running(one.main, two.main):
            await eventually(one.broadcast.is_current.is_set)
            await eventually(two.broadcast.is_current.is_set)
            await station.publish("a", 2, 3)
            await eventually(lambda: one.heard == two.heard == [2, 3])


async def test_a_process_that_starts_hears_what_its_lookback_covers_before_it_is_current(station: Station) -> None:
    late = Listening(station, lookback=timedelta(minutes=15))
    async with running(station.relay().run):
        await station.publish("a", 1, 2)

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published)
        async with running(late.main):
            await eventually(late.broadcast.is_current.is_set)
            assert late.heard == [1, 2]


async def test_a_record_that_cannot_be_read_does_not_end_the_tail(station: Station) -> None:
    listening = Listening(station)
    async with running(station.relay().run, listening.main):
        await eventually(listening.broadcast.is_current.is_set)
        await station.produce((b"a", b"not json", [("ce_id", b"?")]))
        await station.publish("a", 1)
        await eventually(lambda: listening.heard == [1])
