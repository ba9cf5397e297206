"""A broker that is killed and comes back: nothing is lost, and order holds."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messaging import ensure_topics
from deploy.local import kafka
from tests.support.eventually import eventually
from tests.support.station import TOPIC, Station, running

AWAY_S = 6


@pytest.mark.timeout(120)
async def test_a_killed_broker_loses_nothing_and_keeps_the_order(
    tmp_path: Path, database_of: Callable[[str], Database], clock: FixedClock
) -> None:
    folder = tmp_path / "kafka"
    broker = await asyncio.to_thread(kafka.start, folder)
    try:
        address = f"127.0.0.1:{broker.port}"
        await ensure_topics(address, [TOPIC, TOPIC.dead], "away.")
        station = Station(database_of("tests.support.ledger"), address, "away.", clock)
        async with running(station.relay(poll_s=5).run, station.consumer()):
            await station.publish("a", *range(20))

            async def noted(number: int) -> None:
                async def all_noted() -> bool:
                    return len(await station.noted()) == number

                await eventually(all_noted, within=60)

            await noted(20)
            await asyncio.to_thread(broker.stop, number=signal.SIGKILL)
            gone_at = asyncio.get_running_loop().time()
            number = 20
            while asyncio.get_running_loop().time() < gone_at + AWAY_S:
                await station.publish("a", number)
                number += 1
                await asyncio.sleep(0.1)
            assert len(await station.noted()) == 20
            broker = await asyncio.to_thread(kafka.start, folder)
            await station.publish("a", number)
            await noted(number + 1)
        assert await station.noted("a") == list(range(number + 1))
        assert await station.unpublished() == 0
    finally:
        await asyncio.to_thread(broker.stop, number=signal.SIGKILL)
