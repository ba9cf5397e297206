"""A change of keys takes minutes, and meanwhile processes are a step apart: nobody becomes two persons, no code is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.sealing import Ring, Sealer
from chassis.sealing.resealing import reseal
from chassis.sealing.ring import change
from contracts.values import Assurance, Document, DocumentType, PersonId, PersonName, Phone
from services.identity.commands.registration import held
from services.identity.domain.persons import AlreadyRegistered, Person
from services.identity.repository import Persons, SmsCodes
from services.identity.tables import metadata
from tests.component.identity.office import PEOPLE, Office
from tests.support.eventually import eventually

ADDED = Sealer(Ring.of(b"\x07" * 32).with_another())
PROMOTED = Sealer(ADDED.ring.with_newest_current())
PHONE = Phone("13800000001")


def _person(office: Office) -> Person:
    said = PEOPLE[0]
    at = office.clock.now()
    card = held(Document(DocumentType.RIC, said["resident_id"]), at=at)
    return Person(PersonId.new(), PersonName(said["name"]), PHONE, "hash", Assurance.REAL_NAME, at, documents=(card,))


async def _add(office: Office, sealer: Sealer, person: Person) -> None:
    async with office.database.transaction() as session:
        await Persons(session, sealer).add(person)


@pytest.mark.parametrize(("earlier", "later"), [(ADDED, PROMOTED), (PROMOTED, ADDED)])
async def test_one_number_is_one_person_under_two_keys(office: Office, earlier: Sealer, later: Sealer) -> None:
    person = _person(office)
    await _add(office, earlier, person)
    with pytest.raises(AlreadyRegistered):
        await _add(office, later, replace(person, id=PersonId.new()))


async def test_one_number_is_one_person_when_two_processes_write_at_once(office: Office) -> None:
    person = _person(office)
    async with office.database.transaction() as first:
        await Persons(first, ADDED).add(person)
        second = asyncio.create_task(_add(office, PROMOTED, replace(person, id=PersonId.new())))

        async def waits() -> bool:
            async with office.database.reading() as session:
                waiting = await session.execute(sa.text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
                return waiting.first() is not None or second.done()

        await eventually(waits)
    with pytest.raises(AlreadyRegistered):
        await second


async def test_a_code_sent_under_one_key_is_the_phones_only_one_under_the_next(office: Office) -> None:
    at = office.clock.now()
    said = {"sent_at": at, "expires_at": at + timedelta(minutes=5), "pause": timedelta(minutes=1)}
    async with office.database.transaction() as session:
        assert await SmsCodes(session, ADDED).claim(PHONE, "123456", **said)
        assert not await SmsCodes(session, PROMOTED).claim(PHONE, "654321", **said)
        assert await SmsCodes(session, PROMOTED).tried(PHONE, at) == "123456"
        later = at + timedelta(minutes=2)
        assert await SmsCodes(session, PROMOTED).claim(PHONE, "654321", **{**said, "sent_at": later})
        assert await SmsCodes(session, ADDED).tried(PHONE, at) == "654321"
        await SmsCodes(session, ADDED).use(PHONE)
        assert await SmsCodes(session, PROMOTED).tried(PHONE, at) is None


async def test_a_person_signs_on_at_every_step_of_a_rotation(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    sealer = Sealer.from_file(file)
    person = await office.registered()
    for step in (Ring.with_another, Ring.with_newest_current, None, Ring.without_retired):
        if step:
            change(file, step)
        else:
            assert (await reseal(office.database, metadata, sealer))["persons"] == 1
        ready = await office.browse("GET", "/health/ready")
        assert ready.json()["key_ring"] == Ring.read(file).version
        for username in ("13800000001", PEOPLE[0]["resident_id"]):
            await office.signed_on(username=username)
        assert (await office.api("GET", "/persons/me", person=person)).json()["name"] == PEOPLE[0]["name"]
    assert [key.id for key in Ring.read(file).keys] == [1]
