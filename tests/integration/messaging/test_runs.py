"""What waits behind each other is handled in one transaction, and every promise of a record alone still holds."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import sqlalchemy as sa
from aiokafka import ConsumerRecord

from chassis.database import WriteSession
from chassis.errors import Conflict, Unavailable
from chassis.messaging import Delivery, Subscriptions
from contracts.envelope import Envelope
from contracts.problems import common
from contracts.values import EventId
from tests.support.eventually import eventually
from tests.support.ledger.events import Forgotten, Noted
from tests.support.ledger.tables import inbox, notes
from tests.support.station import Station, note, noting, running

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]


class NotNotable(Conflict):
    problem: ClassVar = common.CONFLICT


def message(station: Station, number: int, event_id: EventId | None = None) -> Message:
    said = Envelope(event_id or EventId.new(), Noted.TYPE, 1, "rating", station.clock.now(), "a")
    return b"a", Noted(subject="a", number=number).model_dump_json().encode(), said.to_headers()


def unknown(station: Station) -> Message:
    said = Envelope(EventId.new(), Forgotten.TYPE, 1, "rating", station.clock.now(), "a")
    return b"a", b"{}", said.to_headers()


async def waiting(station: Station, *messages: Message) -> None:
    """The records are there before anybody reads."""
    await station.produce(*messages)


async def noted_are(station: Station, expected: list[int]) -> None:
    async def equal() -> bool:
        return await station.noted() == expected

    await eventually(equal, within=15)


async def transactions(station: Station) -> list[int]:
    """How many effects each transaction made, in the order of their effects."""
    query = sa.select(sa.literal_column("xmin::text"), sa.func.count()).group_by(sa.literal_column("xmin::text"))
    async with station.database.reading() as session:
        rows = await session.execute(query.select_from(notes).order_by(sa.func.min(notes.c.id)))
        return [count for _, count in rows]


async def handled(station: Station) -> int:
    async with station.database.reading() as session:
        return int((await session.execute(sa.select(sa.func.count()).select_from(inbox))).scalar_one())


async def test_what_waits_together_is_committed_together_in_its_order(station: Station) -> None:
    await waiting(station, message(station, 0), unknown(station), *(message(station, number) for number in range(1, 6)))
    async with running(station.consumer()):
        await noted_are(station, [0, 1, 2, 3, 4, 5])
        await eventually(lambda: station.consumers[0].handled == {"effective": 6})
    assert await transactions(station) == [6]
    assert await handled(station) == 6
    assert await station.committed_offsets() == 7
    assert station.consumers[0].skipped == {"test.forgotten v1": 1}


async def test_a_run_is_short_so_that_nobody_waits_long_behind_it(station: Station) -> None:
    await waiting(station, *(message(station, number) for number in range(50)))
    async with running(station.consumer()):
        await noted_are(station, list(range(50)))
    assert max(await transactions(station)) == 20


async def test_what_may_wait_is_one_long_run_of_a_handler_of_many(station: Station) -> None:
    subscriptions = Subscriptions("ledger")

    @subscriptions.on_many(Noted, may_wait=True)
    async def keep(deliveries: Sequence[Delivery[Noted]], session: WriteSession) -> None:
        for each in deliveries:
            await note(each, session)

    again = EventId.new()
    await waiting(station, message(station, 0, again), message(station, 99, again), *(message(station, number) for number in range(1, 50)))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, list(range(50)))
        await eventually(lambda: station.consumers[0].handled == {"effective": 50, "known": 1})
    assert await transactions(station) == [50]


async def test_a_poison_in_the_midst_of_a_run_is_set_aside_alone(station: Station) -> None:
    subscriptions = Subscriptions("ledger")

    @subscriptions.on(Noted)
    async def refuse_the_third(delivery: Delivery[Noted], session: WriteSession) -> None:
        await note(delivery, session)
        if delivery.event.number == 2:
            raise NotNotable

    await waiting(station, *(message(station, number) for number in range(5)))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, [0, 1, 3, 4])
        await eventually(lambda: station.consumers[0].handled == {"effective": 4, "set aside": 1})
    [dead] = await station.dead()
    assert Noted.model_validate_json(dead.value or b"").number == 2
    assert await transactions(station) == [1, 1, 1, 1]
    assert await handled(station) == 4


async def test_what_cannot_be_read_parts_a_run(station: Station) -> None:
    broken = message(station, 0)
    await waiting(
        station, message(station, 1), message(station, 2), (broken[0], b"not json", broken[2]), message(station, 3), message(station, 4)
    )
    async with running(station.consumer()):
        await noted_are(station, [1, 2, 3, 4])
    assert await transactions(station) == [2, 2]
    assert len(await station.dead()) == 1


async def test_a_passing_failure_in_a_run_keeps_the_order(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    failures = 0

    @subscriptions.on(Noted)
    async def fail_thrice(delivery: Delivery[Noted], session: WriteSession) -> None:
        nonlocal failures
        if delivery.event.number == 1 and failures < 3:
            failures += 1
            raise Unavailable
        await note(delivery, session)

    await waiting(station, *(message(station, number) for number in range(4)))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, [0, 1, 2, 3])
    assert await station.dead() == []


async def test_redeliveries_within_a_run_and_before_it_change_nothing(station: Station) -> None:
    first, second = EventId.new(), EventId.new()
    await waiting(station, message(station, 1, first))
    async with running(station.consumer()):
        await noted_are(station, [1])
    await waiting(station, message(station, 1, first), message(station, 2, second), message(station, 2, second), message(station, 3))
    async with running(station.consumer()):
        await noted_are(station, [1, 2, 3])
        await eventually(lambda: station.consumers[1].handled == {"effective": 2, "known": 2})


async def test_a_run_that_was_cut_off_left_nothing_and_is_handled_again(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    entered = asyncio.Event()

    @subscriptions.on(Noted)
    async def hang_at_the_third(delivery: Delivery[Noted], session: WriteSession) -> None:
        await note(delivery, session)
        if delivery.event.number == 2:
            entered.set()
            await asyncio.Event().wait()

    await waiting(station, *(message(station, number) for number in range(5)))
    async with running(station.consumer(subscriptions), within=8):
        await asyncio.wait_for(entered.wait(), 15)
    assert (await station.noted(), await handled(station), await station.committed_offsets()) == ([], 0, 0)
    async with running(station.consumer()):
        await noted_are(station, [0, 1, 2, 3, 4])


async def test_what_was_committed_before_its_offset_was_is_not_done_twice(station: Station) -> None:
    subscriptions = noting()
    await waiting(station, *(message(station, number) for number in range(5)))
    station.consumer(subscriptions)
    records: list[ConsumerRecord[bytes, bytes]] = await station.records()
    # A process that ended after the transaction and before the offset.
    assert [offset async for offset in station.consumers[0].receive_all(records)] == [5, 5]
    async with running(station.consumer()):
        await eventually(lambda: station.consumers[1].handled == {"known": 5})
    assert await station.noted() == [0, 1, 2, 3, 4]


async def test_a_handler_of_many_takes_those_that_wait_at_once_and_one_that_comes_alone(station: Station) -> None:
    subscriptions = Subscriptions("ledger")
    taken: list[list[int]] = []

    @subscriptions.on_many(Noted)
    async def take(deliveries: Sequence[Delivery[Noted]], session: WriteSession) -> None:
        taken.append([each.event.number for each in deliveries])
        for each in deliveries:
            await note(each, session)

    known = EventId.new()
    await waiting(station, message(station, 0, known))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, [0])
    await waiting(station, message(station, 0, known), *(message(station, number) for number in (1, 2, 3)))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, [0, 1, 2, 3])
    assert taken == [[0], [1, 2, 3]]


async def test_what_needs_something_fetched_keeps_its_own_transaction(station: Station) -> None:
    subscriptions = Subscriptions("ledger")

    async def asked(delivery: Delivery[Noted]) -> int:
        return delivery.event.number

    @subscriptions.on(Noted, fetch=asked)
    async def keep(delivery: Delivery[Noted], session: WriteSession, fetched: int) -> None:
        await note(delivery, session)

    await waiting(station, *(message(station, number) for number in range(3)))
    async with running(station.consumer(subscriptions)):
        await noted_are(station, [0, 1, 2])
    assert await transactions(station) == [1, 1, 1]
