"""Accounts of before keep their resident numbers as documents: the sealed bytes move as they are."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.database import Database, migrate
from chassis.sealing import Ring, Sealer
from contracts.values import PersonId
from services.identity.repository import Persons
from tests.support.clock import TODAY
from tests.support.postgres import _execute, apart, url_of

NUMBER, NAME, PHONE = "31999919900515001X", "示例·甲一", "13800000001"
SEALER = Sealer(Ring.of(bytes(32)))


@pytest.fixture
def before(worker_id: str) -> Iterator[str]:
    """The address of a database as it was before documents."""
    name = f"identity_before_{worker_id}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    _upgrade(url_of(name), "0005")
    yield url_of(name)
    apart(_execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))


def _upgrade(url: str, revision: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate.upgrade, "services.identity", url, revision).result()


async def test_an_account_of_before_is_found_by_its_number_and_reads_as_it_did(before: str) -> None:
    person = PersonId.new()
    row = {
        "id": person,
        "name": SEALER.seal(NAME),
        "resident_id": SEALER.seal(NUMBER),
        "resident_key": SEALER.lookup(NUMBER),
        "phone": SEALER.seal(PHONE),
        "phone_key": SEALER.lookup(PHONE),
        "password": "hash",
        "assurance": 2,
        "failures": 0,
        "registered_at": TODAY,
    }
    proof = "INSERT INTO verifications (person_id, method, provider, reference, assurance, at) VALUES (:id, 'real_name', 'p', 'r', 2, :registered_at)"
    database = Database(before)
    async with database.transaction() as session:
        names = ", ".join(row)
        await session.execute(sa.text(f"INSERT INTO persons ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
        await session.execute(sa.text(proof), row)
    await database.close()
    _upgrade(before, "head")
    database = Database(before)
    async with database.reading() as session:
        found = await Persons(session, SEALER).named(NUMBER)
        source = (await session.execute(sa.text("SELECT source FROM verifications"))).scalar_one()
    await database.close()
    assert found is not None
    assert (found.id, found.name, found.phone, found.resident_id, found.status) == (person, NAME, PHONE, NUMBER, "active")
    [held] = found.documents
    assert (held.source, held.recorded_at, source) == ("population-base", TODAY, "RIC")
