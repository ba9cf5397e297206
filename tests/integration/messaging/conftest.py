from collections.abc import AsyncIterator, Callable

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from tests.support.kafka import topic_space
from tests.support.station import TOPIC, Station


@pytest.fixture
async def station(kafka: str, database_of: Callable[[str], Database], clock: FixedClock) -> AsyncIterator[Station]:
    """A database, and topics that nobody else uses."""
    database = database_of("tests.support.ledger")
    async with topic_space(kafka, TOPIC) as namespace:
        yield Station(database, kafka, namespace, clock)
