"""What the relay promises, on a real database and a real broker."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chassis.messaging import publish
from chassis.messaging.producer import Outcome, Producer, Record
from tests.support.eventually import eventually
from tests.support.ledger.events import Noted
from tests.support.ledger.tables import outbox
from tests.support.station import Station, running


def numbers_of(records: Sequence[object], key: str) -> list[int]:
    return [Noted.model_validate_json(each.value).number for each in records if each.key == key.encode()]  # type: ignore[attr-defined]


async def terminate_relays(station: Station) -> None:
    """End the relays' sessions from outside, as an operator or a broken network would."""
    url = make_url(station.database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'rating-relay' AND datname = current_database()"
        )
    finally:
        await connection.close()


async def test_events_of_a_key_are_published_in_the_order_of_their_commits(station: Station) -> None:
    async def all_published() -> bool:
        return await station.unpublished() == 0

    async with running(station.relay().run):
        await asyncio.gather(*(station.publish(key, *range(40)) for key in ("a", "b", "c", "d")))
        await eventually(all_published)
    records = await station.records()
    assert len(records) == 160
    for key in ("a", "b", "c", "d"):
        assert numbers_of(records, key) == list(range(40))


async def test_a_commit_wakes_the_relay_without_a_poll(station: Station) -> None:
    relay = station.relay(poll_s=60)
    async with running(relay.run):
        await eventually(lambda: relay.is_active)
        await station.publish("a", 1)

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published, within=5)


async def test_a_rolled_back_transaction_publishes_nothing(station: Station) -> None:
    class Refused(Exception):
        pass

    try:
        async with station.database.transaction() as session:
            await publish(session, Noted(subject="a", number=1), at=station.clock.now())
            raise Refused
    except Refused:
        pass
    async with running(station.relay().run):
        await station.publish("a", 2)

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published)
    assert numbers_of(await station.records(), "a") == [2]
