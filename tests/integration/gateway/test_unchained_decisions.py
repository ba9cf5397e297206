"""Decisions from before the chain can stand in none that proves anything: they stay, beside it."""

import asyncio

import sqlalchemy as sa

from chassis.database import Database, migrate
from tests.support.kafka import worker_name
from tests.support.postgres import _execute, apart, url_of

_OLD = (
    "INSERT INTO decisions (request_id, at, method, path, route, status, party_kind, rooms, policy_version, upstream, duration_ms) "
    "VALUES (gen_random_uuid(), now(), 'GET', '/', '', 200, 'app', '{}', 1, '', 1)"
)


async def test_records_from_before_the_chain_are_set_aside() -> None:
    name = f"unchained_{worker_name()}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    await asyncio.to_thread(migrate.upgrade, "gateway.registry", url_of(name), "0007")
    apart(_execute(name, _OLD))
    await asyncio.to_thread(migrate.upgrade, "gateway.registry", url_of(name))
    database = Database(url_of(name))
    async with database.reading() as session:
        counts = [
            (await session.execute(sa.text(f"SELECT count(*) FROM {each}"))).scalar_one() for each in ("unchained_decisions", "decisions")
        ]
    await database.close()
    assert counts == [1, 0]
