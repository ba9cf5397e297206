"""A broker that is killed and comes back: nothing is lost, and order holds."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messaging import ensure_topics
from tests.support import run_wide
from tests.support.eventually import eventually
from tests.support.servers import Server
from tests.support.station import TOPIC, Station, running

AWAY_S = 6


class OwnBroker:
    """A broker of this test alone, since it is going to be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server: Server = run_wide.start_broker(folder)

    def kill(self) -> None:
        self.server.stop(signal.SIGKILL)

    def start(self) -> None:
        self.server = run_wide.start_broker(self._folder)


@pytest.mark.timeout(120)
async def test_a_killed_broker_loses_nothing_and_keeps_the_order(
    tmp_path: Path, database_of: Callable[[str], Database], clock: FixedClock
) -> None:
    broker = await asyncio.to_thread(OwnBroker, tmp_path / "kafka")
    try:
        address = f"127.0.0.1:{broker.server.port}"
        await ensure_topics(address, [TOPIC, TOPIC.dead], "away.")
        station = Station(database_of("tests.support.ledger"), address, "away.", clock)
        async with running(station.relay(poll_s=5).run, station.consumer()):
            await station.publish("a", *range(20))

            async def noted(number: int) -> None:
                async def all_noted() -> bool:
                    return len(await station.noted()) == number

                await eventually(all_noted, within=60)

            await noted(20)
            await asyncio.to_thread(broker.kill)
            gone_at = asyncio.get_running_loop().time()
            number = 20
            while asyncio.get_running_loop().time() < gone_at + AWAY_S:
                await station.publish("a", number)
                number += 1
                await asyncio.sleep(0.1)
            assert len(await station.noted()) == 20
            await asyncio.to_thread(broker.start)
            await station.publish("a", number)
            await noted(number + 1)
        assert await station.noted("a") == list(range(number + 1))
        assert await station.unpublished() == 0
    finally:
        await asyncio.to_thread(broker.kill)
