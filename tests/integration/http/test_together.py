"""Requests with keys that come at once: each is done once, and answers for itself, though they share a transaction."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import FixedClock
from chassis.database import Database, WriteSession, put
from chassis.errors import Conflict, IdempotencyKeyReused, RequestInProgress
from chassis.http.idempotency import OnceOnly
from chassis.http.together import Together
from contracts.strict import Answer

orders = sa.table("orders", sa.column("name", sa.Text))
INSERT = sa.insert(orders)


class Ordered(Answer):
    name: str


class Shop:
    """`refused` are the names of orders that fail after they were written."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.together = Together(database)
        self.refused: set[str] = set()
        self.groups: list[int] = []

    def once(self, key: str, body: bytes = b"body") -> OnceOnly:
        return OnceOnly(self.database, self.clock, "app/somebody", key, body)

    async def order(self, name: str, *, key: str | None = None, body: bytes = b"body") -> Any:
        async def work(session: WriteSession) -> Ordered:
            transaction = (await session.execute(sa.text("SELECT pg_backend_pid(), txid_current()"))).one()
            self.groups.append(transaction[1])
            await put(session, INSERT, {"name": name})
            if name in self.refused:
                raise Conflict
            return Ordered(name=name)

        return await self.together.answer(self.once(key or name, body), work, status=201)

    async def names(self) -> list[str]:
        async with self.database.reading() as session:
            return sorted((await session.execute(sa.select(orders.c.name))).scalars())


@pytest.fixture
async def shop(database_of: Callable[[str], Database], clock: FixedClock) -> Shop:
    database = database_of("gateway.registry")
    async with database.transaction() as session:
        await session.execute(sa.text("CREATE TABLE IF NOT EXISTS orders (name text NOT NULL)"))
        await session.execute(sa.text("DELETE FROM orders"))
    return Shop(database, clock)


async def test_they_share_a_transaction_and_each_gets_its_own_answer(shop: Shop) -> None:
    names = [f"order {number}" for number in range(8)]
    answers = await asyncio.gather(*map(shop.order, names))
    assert [(each.status_code, each.body) for each in answers] == [(201, f'{{"name":"{name}"}}'.encode()) for name in names]
    assert len(set(shop.groups)) == 1
    assert await shop.names() == names


async def test_a_retry_gets_the_stored_answer_also_when_it_comes_beside_the_first(shop: Shop) -> None:
    first, twin, other = await asyncio.gather(shop.order("a"), shop.order("a"), shop.order("b"))
    assert (first.body, twin.body, other.body) == (b'{"name":"a"}', b'{"name":"a"}', b'{"name":"b"}')
    assert [each.headers.get("idempotency-replayed") for each in (first, twin, other)] == [None, "true", None]
    again = await shop.order("a")
    assert (again.body, again.headers["idempotency-replayed"]) == (first.body, "true")
    stored = await shop.together.stored(shop.once("a"))
    assert stored is not None
    assert (stored.body, stored.status_code) == (first.body, 201)
    assert await shop.together.stored(shop.once("never")) is None
    assert await shop.names() == ["a", "b"]


async def test_a_key_of_another_request_is_refused_and_the_others_are_not(shop: Shop) -> None:
    await shop.order("a")
    answers = await asyncio.gather(shop.order("other", key="a", body=b"another"), shop.order("b"), return_exceptions=True)
    assert isinstance(answers[0], IdempotencyKeyReused)
    assert answers[1].status_code == 201
    with pytest.raises(IdempotencyKeyReused):
        await shop.together.stored(shop.once("a", b"another"))
    assert await shop.names() == ["a", "b"]


async def test_one_that_fails_undoes_itself_alone_and_may_come_again(shop: Shop) -> None:
    shop.refused = {"b"}
    answers = await asyncio.gather(*map(shop.order, "abc"), return_exceptions=True)
    assert [each if isinstance(each, BaseException) else each.status_code for each in answers][0::2] == [201, 201]
    assert isinstance(answers[1], Conflict)
    assert await shop.names() == ["a", "c"]
    shop.refused = set()
    assert (await shop.order("b")).status_code == 201
    assert await shop.names() == ["a", "b", "c"]


async def test_one_whose_twin_is_at_work_elsewhere_is_told_so(shop: Shop) -> None:
    async with shop.database.transaction() as elsewhere:
        lock = sa.text("SELECT pg_advisory_xact_lock(:lock)")
        await elsewhere.execute(lock, {"lock": shop.once("a").lock})
        answers = await asyncio.gather(shop.order("a"), shop.order("b"), return_exceptions=True)
        assert isinstance(answers[0], RequestInProgress)
        assert answers[1].status_code == 201
    assert (await shop.order("a")).status_code == 201
    assert await shop.names() == ["a", "b"]
