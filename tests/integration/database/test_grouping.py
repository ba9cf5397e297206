"""Writes of many at once: few statements, each answer to its own caller, and a failure is everybody's who was on board."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database, Grouped, WriteSession, gathering, put, written
from chassis.errors import Conflict, Unavailable
from tests.support.ledger.tables import notes

Item = tuple[str, int]


class Writer:
    """Counts what it was asked for; the answer to an item is its number doubled."""

    def __init__(self) -> None:
        self.groups: list[list[Item]] = []
        self.error: Exception | None = None

    async def __call__(self, session: WriteSession, items: list[Item]) -> Sequence[int]:
        self.groups.append(items)
        await session.execute(sa.text("SELECT pg_sleep(0.02)"))
        if self.error:
            raise self.error
        return [number * 2 for _, number in items]


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def grouped(database_of: Callable[[str], Database], writer: Writer) -> Grouped[Item, int]:
    return Grouped(database_of("tests.support.ledger"), writer, key=lambda item: item[0], at_most=10)


async def test_those_who_come_at_once_share_statements_and_get_their_own_answers(grouped: Grouped[Item, int], writer: Writer) -> None:
    answers = await asyncio.gather(*(grouped.write((f"k{number}", number)) for number in range(25)))
    assert answers == [number * 2 for number in range(25)]
    assert [len(group) for group in writer.groups] == [10, 10, 5]


async def test_items_of_one_key_come_one_after_another_in_their_order(grouped: Grouped[Item, int], writer: Writer) -> None:
    await asyncio.gather(*(grouped.write((f"k{number % 2}", number)) for number in range(6)))
    assert writer.groups == [[("k0", 0), ("k1", 1)], [("k0", 2), ("k1", 3)], [("k0", 4), ("k1", 5)]]


async def test_a_failure_is_told_to_all_on_board_and_to_nobody_else(grouped: Grouped[Item, int], writer: Writer) -> None:
    writer.error = Unavailable("away")
    failed: list[Any] = await asyncio.gather(*(grouped.write((f"k{number}", number)) for number in range(12)), return_exceptions=True)
    assert {type(each) for each in failed} == {Unavailable}
    writer.error = None
    assert await grouped.write(("k", 21)) == 42


async def test_a_mistake_leaves_nobody_waiting(grouped: Grouped[Item, int], writer: Writer) -> None:
    writer.error = KeyError("a mistake")
    told: list[Any] = await asyncio.gather(*(grouped.write((f"k{number}", number)) for number in range(12)), return_exceptions=True)
    assert [type(each) for each in told] == [KeyError] * 10 + [Unavailable] * 2
    writer.error = None
    assert await grouped.write(("k", 1)) == 2


async def test_who_hangs_up_does_not_keep_the_others_from_their_answers(grouped: Grouped[Item, int]) -> None:
    gone = asyncio.create_task(grouped.write(("gone", 1)))
    stays = asyncio.create_task(grouped.write(("stays", 2)))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4


class Notes:
    """Writes a note for each item; a negative number fails after its note, zero is a mistake of the program."""

    def __init__(self) -> None:
        self.groups: list[int] = []

    async def __call__(self, session: WriteSession, items: list[Item]) -> Sequence[int]:
        self.groups.append(len(items))
        async with gathering(session):
            for key, number in items:
                await put(session, INSERT, {"key": key, "number": number})
                if number < 0:
                    raise Conflict
                if number == 0:
                    raise KeyError(key)
        return [number * 2 for _, number in items]


INSERT = sa.insert(notes)


async def kept(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(sa.select(notes.c.key).order_by(notes.c.id))).scalars())


async def test_of_a_group_in_one_transaction_only_who_failed_has_failed(database_of: Callable[[str], Database]) -> None:
    database, write = database_of("tests.support.ledger"), Notes()
    grouped = Grouped(database, write, key=lambda item: item[0], at_most=10, in_transaction=True)
    asked = [("a", 1), ("b", 2), ("fails", -1), ("d", 4)]
    answers: list[Any] = await asyncio.gather(*map(grouped.write, asked), return_exceptions=True)
    assert [each if isinstance(each, int) else type(each) for each in answers] == [2, 4, Conflict, 8]
    assert write.groups == [4, 1, 1, 1, 1]
    assert await kept(database) == ["a", "b", "d"]


async def test_a_mistake_in_a_group_leaves_nobody_waiting_and_undoes_nobody_else(database_of: Callable[[str], Database]) -> None:
    database = database_of("tests.support.ledger")
    grouped = Grouped(database, Notes(), key=lambda item: item[0], at_most=10, in_transaction=True)
    answers: list[Any] = await asyncio.gather(*map(grouped.write, [("a", 1), ("mistake", 0), ("c", 3)]), return_exceptions=True)
    assert [each if isinstance(each, int) else type(each) for each in answers] == [2, KeyError, Unavailable]
    assert await kept(database) == ["a"]
    assert await grouped.write(("d", 4)) == 8


async def test_what_is_put_is_written_at_the_end_or_when_somebody_asks_for_it(database_of: Callable[[str], Database]) -> None:
    database, count = database_of("tests.support.ledger"), sa.select(sa.func.count()).select_from(notes)
    async with database.transaction() as session:
        async with gathering(session):
            await put(session, INSERT, {"key": "a", "number": 1}, {"key": "b", "number": 2})
            assert (await session.execute(count)).scalar_one() == 0
            await written(session)
            assert (await session.execute(count)).scalar_one() == 2
            await put(session, INSERT, {"key": "c", "number": 3})
        assert (await session.execute(count)).scalar_one() == 3
        await put(session, INSERT, {"key": "d", "number": 4})
        assert (await session.execute(count)).scalar_one() == 4
    assert await kept(database) == ["a", "b", "c", "d"]


async def test_what_was_put_before_a_failure_is_in_nobodys_transaction(database_of: Callable[[str], Database]) -> None:
    database = Database(database_of("tests.support.ledger").url, pool_size=1)

    async def fails() -> None:
        async with database.transaction() as session, gathering(session):
            await put(session, INSERT, {"key": "lost", "number": 1})
            raise KeyError

    with pytest.raises(KeyError):
        await fails()
    async with database.transaction() as session:
        await put(session, INSERT, {"key": "kept", "number": 1})
    assert await kept(database) == ["kept"]
    await database.close()
