"""What the consumer promises, on a real database and a real broker."""

import asyncio
from typing import ClassVar

import sqlalchemy as sa
from aiokafka import ConsumerRecord
from aiokafka.partitioner import DefaultPartitioner

from chassis.database import WriteSession
from chassis.errors import Conflict, Unavailable
from chassis.messaging import Delivery, Subscriptions, ensure_topics
from chassis.messaging.redrive import redrive
from contracts.envelope import Envelope
from contracts.problems import common
from contracts.values import EventId
from tests.support.eventually import eventually
from tests.support.ledger.events import Forgotten, Noted
from tests.support.ledger.tables import inbox
from tests.support.station import TOPIC, Station, note, running


def envelope(station: Station, key: str, event_type: str = Noted.TYPE) -> Envelope:
    return Envelope(EventId.new(), event_type, 1, "rating", station.clock.now(), key)


def partition_of(key: bytes) -> int:
    partitions = list(range(TOPIC.partitions))
    return int(DefaultPartitioner()(key, partitions, partitions))


def headers_of(record: "ConsumerRecord[bytes, bytes]") -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


async def noted_are(station: Station, expected: list[int]) -> None:
    async def equal() -> bool:
        return await station.noted() == expected

    await eventually(equal, within=15)


async def test_a_second_delivery_changes_nothing(station: Station) -> None:
    once = envelope(station, "a")
    body = Noted(subject="a", number=1).model_dump_json().encode()
    message = (b"a", body, once.to_headers())
    async with running(station.consumer()):
        await station.produce(message, message, message)
        await eventually(lambda: sum(station.consumers[0].handled.values()) == 3)
    assert await station.noted() == [1]


async def test_an_effect_and_its_inbox_row_stand_or_fall_together(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    attempts = 0

    @subscriptions.on(Noted)
    async def fail_once_after_the_effect(delivery: Delivery[Noted], session: WriteSession) -> None:
        nonlocal attempts
        attempts += 1
        await note(delivery, session)
        if attempts == 1:
            raise Unavailable

    async with running(station.relay().run, station.consumer(subscriptions)):
        await station.publish("a", 1)
        await noted_are(station, [1])
    assert attempts == 2
    async with station.database.reading() as session:
        rows = (await session.execute(sa.select(inbox))).all()
    assert [row.consumer for row in rows] == ["ledger"]


async def test_what_cannot_be_read_is_set_aside_at_once_and_the_rest_flows(station: Station) -> None:
    bodies = [b'{"subject": "a"}', b"not json", b'{"subject": "a", "number": 7}']
    async with running(station.consumer()):
        await station.produce(
            (b"a", bodies[0], envelope(station, "a").to_headers()),
            (b"a", bodies[1], envelope(station, "a").to_headers()),
            (b"a", bodies[2], [("content-type", b"application/json")]),
            (b"a", bodies[2], envelope(station, "a").to_headers()),
        )
        await noted_are(station, [7])
    dead = await station.dead()
    assert [each.value for each in dead] == bodies
    told = [headers_of(each) for each in dead]
    assert told[0]["dead-reason"] == "ValidationError: number: missing"
    assert told[1]["dead-reason"].startswith("ValidationError: ")
    assert told[2]["dead-reason"] == "ValueError"
    assert {each["dead-topic"] for each in told} == {station.topic}
    assert told[0]["dead-handler"] == "ledger.note"
    assert told[0]["ce_type"] == "test.noted"


async def test_a_refusal_is_set_aside_without_a_retry_and_its_reason_is_kept(station: Station) -> None:
    class NotNotable(Conflict):
        problem: ClassVar = common.CONFLICT

    subscriptions = Subscriptions("ledger")

    @subscriptions.on(Noted)
    async def refuse_the_first(delivery: Delivery[Noted], session: WriteSession) -> None:
        if delivery.event.number == 1:
            raise NotNotable
        await note(delivery, session)

    async with running(station.relay().run, station.consumer(subscriptions)):
        await station.publish("a", 1, 2, 3)
        await noted_are(station, [2, 3])
    [dead] = await station.dead()
    told = headers_of(dead)
    assert (told["dead-reason"], told["dead-attempts"]) == ("NotNotable: conflict", "1")
    assert told["dead-handler"] == "ledger.refuse_the_first"


async def test_a_passing_failure_is_retried_in_place_so_that_order_holds(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    failures = 0

    @subscriptions.on(Noted)
    async def fail_twice(delivery: Delivery[Noted], session: WriteSession) -> None:
        nonlocal failures
        if delivery.event.number == 1 and failures < 2:
            failures += 1
            raise Unavailable
        await note(delivery, session)

    async with running(station.relay().run, station.consumer(subscriptions)):
        await station.publish("a", 0, 1, 2)
        await noted_are(station, [0, 1, 2])
    assert failures == 2
    assert await station.dead() == []


async def test_a_failure_that_does_not_pass_is_set_aside_and_comes_back_by_redrive(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    is_neighbour_away = True

    @subscriptions.on(Noted)
    async def need_a_neighbour(delivery: Delivery[Noted], session: WriteSession) -> None:
        if is_neighbour_away and delivery.event.number == 1:
            raise Unavailable
        await note(delivery, session)

    async with running(station.relay().run, station.consumer(subscriptions)):
        await station.publish("a", 1, 2)
        await noted_are(station, [2])
        [dead] = await station.dead()
        assert headers_of(dead)["dead-attempts"] == "4"
        is_neighbour_away = False
        assert await redrive(station.kafka, TOPIC, station.namespace) == 1
        await noted_are(station, [2, 1])
    assert await redrive(station.kafka, TOPIC, station.namespace) == 0


async def test_an_offset_waits_until_its_dead_letter_is_published(station: Station, kafka: str) -> None:
    # A mesh without its topic for dead letters: nothing can be set aside there.
    alone = Station(station.database, kafka, f"{station.namespace}alone.", station.clock)
    await ensure_topics(kafka, [TOPIC], alone.namespace)
    await alone.produce((b"a", b"not json", envelope(alone, "a").to_headers()))
    other = next(key for key in (b"b", b"c", b"d", b"e") if partition_of(key) != partition_of(b"a"))
    async with running(alone.consumer()):
        await alone.produce(
            (b"a", b'{"subject": "a", "number": 1}', envelope(alone, "a").to_headers()),
            (other, b'{"subject": "other", "number": 2}', envelope(alone, "other").to_headers()),
        )
        await noted_are(alone, [2])
    assert await alone.committed_offsets() == 1
    await ensure_topics(kafka, [TOPIC.dead], alone.namespace)
    async with running(alone.consumer()):
        await noted_are(alone, [2, 1])
        assert len(await alone.dead()) == 1


async def test_unknown_events_are_skipped_and_counted(station: Station) -> None:
    async with running(station.consumer()):
        body = Forgotten(subject="a", number=1).model_dump_json().encode()
        await station.produce((b"a", body, envelope(station, "a", Forgotten.TYPE).to_headers()))
        await station.produce((b"a", body, envelope(station, "a").to_headers()))
        await noted_are(station, [1])
    assert station.consumers[0].skipped == {"test.forgotten v1": 1}


async def test_offsets_are_committed_so_that_a_restart_reads_nothing_again(station: Station) -> None:
    async with running(station.relay().run):
        async with running(station.consumer()):
            await station.publish("a", 1, 2, 3)
            await noted_are(station, [1, 2, 3])
        assert await station.committed_offsets() == 3
        async with running(station.consumer()):
            await station.publish("a", 4)
            await noted_are(station, [1, 2, 3, 4])
    assert station.consumers[1].handled == {"effective": 1}


async def test_what_a_handler_needs_is_fetched_before_its_transaction(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    seen: list[object] = []

    async def sessions_in_use(delivery: Delivery[Noted]) -> int:
        seen.append(delivery.neighbours)
        return station.database.engine.pool.checkedout()  # type: ignore[attr-defined]  # of a queue pool

    @subscriptions.on(Noted, fetch=sessions_in_use)
    async def keep(delivery: Delivery[Noted], session: WriteSession, fetched: int) -> None:
        seen.append(fetched)
        await note(delivery, session)

    async with running(station.consumer(subscriptions)):
        await station.produce((b"a", b'{"subject": "a", "number": 1}', envelope(station, "a").to_headers()))
        await eventually(lambda: len(seen) == 2)
    assert seen == ["the neighbours", 0]


async def test_a_slow_handler_does_not_delay_what_follows_by_a_fetch(station: Station) -> None:
    subscriptions = Subscriptions("ledger")

    entered = asyncio.Event()

    @subscriptions.on(Noted)
    async def take_long_at_first(delivery: Delivery[Noted], session: WriteSession) -> None:
        entered.set()
        if delivery.event.number == 0:
            await asyncio.sleep(0.5)
        await note(delivery, session)

    loop = asyncio.get_running_loop()
    async with running(station.relay().run, station.consumer(subscriptions)):
        await station.publish("a", 0)
        await entered.wait()
        await station.publish("a", 1)
        await noted_are(station, [0, 1])
        started = loop.time()
        await station.publish("a", 2)
        await noted_are(station, [0, 1, 2])
        assert loop.time() - started < 2, "the broker's wait for a fetch is 5 s"


async def test_a_consumer_stops_in_time_while_a_handler_hangs_and_the_effect_comes_later(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    entered = asyncio.Event()

    @subscriptions.on(Noted)
    async def hang(delivery: Delivery[Noted], session: WriteSession) -> None:
        await note(delivery, session)
        entered.set()
        await asyncio.Event().wait()

    async with running(station.relay().run):
        await station.publish("a", 1)
        async with running(station.consumer(subscriptions), within=8):
            await asyncio.wait_for(entered.wait(), 15)
        assert await station.noted() == []
        async with running(station.consumer()):
            await noted_are(station, [1])


async def test_members_that_come_and_go_lose_nothing_and_repeat_no_effect(station: Station) -> None:
    keys = [f"key {number}" for number in range(12)]

    async def received(number: int) -> None:
        async def all_keys() -> bool:
            return len(await station.noted()) == number

        await eventually(all_keys, within=30)

    async with running(station.relay().run, station.consumer(instance="one")):
        for key in keys:
            await station.publish(key, 0, 1)
        await received(24)
        async with running(station.consumer(instance="two")):
            for key in keys:
                await station.publish(key, 2, 3)
            await received(48)
    for key in keys:
        assert await station.noted(key) == [0, 1, 2, 3]
