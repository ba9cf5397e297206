"""Writes of many at once: few statements, each answer to its own caller, and a failure is everybody's who was on board."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database, Grouped, WriteSession
from chassis.errors import Unavailable

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
