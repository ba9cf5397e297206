"""What is signed passes once, at however many gateway processes, and is remembered for as long as it could pass."""

import asyncio
import time
from collections.abc import Callable

import sqlalchemy as sa

from chassis.database import Database
from contracts.values import PartyId
from gateway.registry.nonces import Nonces
from gateway.registry.tables import nonces
from tests.integration.gateway.door import PATIENT_S
from tests.support.eventually import eventually
from tests.support.station import running


async def test_of_two_processes_one_lets_a_signature_pass(database_of: Callable[[str], Database]) -> None:
    first = database_of("gateway.registry")
    second = Database(first.url)
    stores, party, now = [Nonces(each, deadline_s=PATIENT_S) for each in (first, second)], PartyId.new(), int(time.time())
    for store in stores:
        await store.is_first_use(party, "warm", now)
    for number in range(20):
        said = await asyncio.gather(*(store.is_first_use(party, f"n{number}", now) for store in stores))
        assert sorted(said) == [False, True]
    await second.close()


async def test_what_could_still_pass_is_not_forgotten_and_what_could_not_is(database_of: Callable[[str], Database]) -> None:
    """Also while another process is forgetting the same, and when much has been left."""
    database = database_of("gateway.registry")
    store, party, now = Nonces(database, deadline_s=PATIENT_S), PartyId.new(), int(time.time())
    for nonce, age in (("new", 0), ("at the end", 59), ("late", 130), ("over", 600)):
        assert await store.is_first_use(party, nonce, now - age)
    async with database.transaction() as session:
        old = sa.text(
            "INSERT INTO nonces SELECT CAST(:party AS text)::uuid, 'old-' || n, now() - interval '1 day' FROM generate_series(1, 12000) n"
        )
        await session.execute(old, {"party": str(party)})

    async def left() -> list[str]:
        async with database.reading() as session:
            return sorted((await session.execute(sa.select(nonces.c.nonce))).scalars())

    async def is_purged() -> bool:
        return await left() == ["at the end", "late", "new"]

    async with running(store.purge, Nonces(database, deadline_s=PATIENT_S).purge):
        await eventually(is_purged)
    assert not await store.is_first_use(party, "at the end", now - 59)
