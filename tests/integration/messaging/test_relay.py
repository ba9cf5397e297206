"""What the relay promises, on a real database and a real broker."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest
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


class Timed:
    """A broker's producer that remembers when it was handed how much."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self.handed: list[tuple[float, int]] = []

    async def deliver(self, topic: str, records: Sequence[Record]) -> Outcome:
        self.handed.append((asyncio.get_running_loop().time(), len(records)))
        return await self._producer.deliver(topic, records)

    async def close(self) -> None:
        await self._producer.close()


async def test_while_much_comes_rounds_keep_a_distance_and_carry_all_of_it(station: Station) -> None:
    async def all_published() -> bool:
        return await station.unpublished() == 0

    timed = Timed(Producer(station.kafka, client_id="test-relay"))
    relay = station.relay(timed)
    async with running(relay.run):
        await eventually(lambda: relay.is_active)
        for first in range(0, 600, 20):
            async with station.database.transaction() as session:
                for number in range(first, first + 20):
                    await publish(session, Noted(subject="a", number=number), at=station.clock.now())
        await eventually(all_published)
    assert numbers_of(await station.records(), "a") == list(range(600))
    counts = [sum(count for _, count in timed.handed[:place]) for place in range(len(timed.handed))]
    busy = [at for (at, _), before in zip(timed.handed, counts, strict=True) if before >= 200]
    # A round begins before its rows are read and handed on, so two may be handed on a little closer than they began.
    assert all(later - sooner > 0.05 for sooner, later in itertools.pairwise(busy))


async def test_more_than_a_batch_holds_leaves_without_another_commit(station: Station) -> None:
    relay, key = station.relay(poll_s=60), "k" * 30_000
    async with running(relay.run):
        await eventually(lambda: relay.is_active)
        async with station.database.transaction() as session:
            for number in range(12):
                await publish(session, Noted(subject=key, number=number), at=station.clock.now())

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published, within=20)
    assert numbers_of(await station.records(), key) == list(range(12))


async def test_a_rolled_back_transaction_publishes_nothing(station: Station) -> None:
    class Refused(Exception):
        pass

    async def publish_and_refuse() -> None:
        async with station.database.transaction() as session:
            await publish(session, Noted(subject="a", number=1), at=station.clock.now())
            raise Refused

    with pytest.raises(Refused):
        await publish_and_refuse()
    async with running(station.relay().run):
        await station.publish("a", 2)

        async def published() -> bool:
            return await station.unpublished() == 0

        await eventually(published)
    assert numbers_of(await station.records(), "a") == [2]


async def test_a_late_commit_is_not_skipped(station: Station) -> None:
    relay = station.relay()
    async with running(relay.run):
        async with station.database.transaction() as session:
            await publish(session, Noted(subject="early id, late commit", number=1), at=station.clock.now())
            await station.publish("late id, early commit", 2)

            async def second_published() -> bool:
                return await station.unpublished() == 0

            await eventually(second_published)

        async def both_published() -> bool:
            return await station.unpublished() == 0 and len(await station.records()) == 2

        await eventually(both_published)


class DyingAfterTheAcknowledgement:
    """Delivers for real; the first time, the relay's session is ended before it can mark what it delivered."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._real = Producer(station.kafka, client_id="test-relay")
        self.deaths = 0

    async def deliver(self, topic: str, records: Sequence[Record]) -> Outcome:
        outcome = await self._real.deliver(topic, records)
        if not self.deaths:
            self.deaths += 1
            await terminate_relays(self._station)
        return outcome

    async def close(self) -> None:
        await self._real.close()


async def test_a_crash_between_acknowledgement_and_mark_repeats_the_record_and_not_its_effect(station: Station) -> None:
    producer = DyingAfterTheAcknowledgement(station)
    await station.publish("a", 1, 2, 3)
    async with running(station.relay(producer).run, station.consumer()):

        async def settled() -> bool:
            return await station.unpublished() == 0 and len(await station.records()) == 6

        await eventually(settled, within=20)

        async def all_received() -> bool:
            return sum(station.consumers[0].handled.values()) == 6

        await eventually(all_received)
    assert producer.deaths == 1
    assert await station.noted("a") == [1, 2, 3]
    assert station.consumers[0].handled == {"effective": 3, "known": 3}


async def test_of_two_relays_one_works_and_the_other_takes_over(station: Station) -> None:
    first, second = station.relay(), station.relay()
    async with running(first.run):
        await eventually(lambda: first.is_active)
        async with running(second.run):
            await station.publish("a", *range(20))

            async def published() -> bool:
                return await station.unpublished() == 0

            await eventually(published)
            assert first.is_active
            assert not second.is_active
            await terminate_relays(station)
            await eventually(lambda: first.is_active != second.is_active)
            await station.publish("a", *range(20, 40))
            await eventually(published)
    assert numbers_of(await station.records(), "a") == list(range(40))


async def test_a_row_the_broker_cannot_take_holds_back_its_own_key_only(station: Station) -> None:
    await station.publish("large", 1)
    async with station.database.transaction() as session:
        await session.execute(sa.update(outbox).values(body="x" * 1_000_000))
    await station.publish("large", 2)
    await station.publish("small", *range(600))
    relay = station.relay(poll_s=0.2)
    async with running(relay.run):

        async def others_published() -> bool:
            return await station.unpublished() == 2

        await eventually(others_published)
        await eventually(lambda: max(relay.failures.values()) > 3)
        async with station.database.transaction() as session:
            body = Noted(subject="large", number=1).model_dump_json()
            await session.execute(sa.update(outbox).where(outbox.c.body.like("xxx%")).values(body=body))

        async def all_published() -> bool:
            return await station.unpublished() == 0

        await eventually(all_published)
    records = await station.records()
    assert numbers_of(records, "small") == list(range(600))
    assert numbers_of(records, "large") == [1, 2]


async def test_published_rows_leave_after_their_retention_and_others_stay(station: Station) -> None:
    await station.publish("a", 1, 2)
    async with station.database.transaction() as session:
        await session.execute(sa.update(outbox).values(published_at=sa.func.now() - timedelta(days=8)))
    async with running(station.relay(poll_s=0.1).run):
        await station.publish("a", 3)

        async def only_the_young_row_is_left() -> bool:
            async with station.database.reading() as session:
                rows = (await session.execute(sa.select(outbox.c.published_at))).all()
                return len(rows) == 1 and rows[0].published_at is not None

        await eventually(only_the_young_row_is_left)


async def test_a_relay_stops_in_time_while_its_broker_is_away(station: Station) -> None:
    await station.publish("a", 1)
    producer = Producer("127.0.0.1:1", client_id="test-relay")
    relay = station.relay(producer)
    async with running(relay.run, within=6):
        await eventually(lambda: sum(relay.failures.values()) > 0)
    assert await station.unpublished() == 1
