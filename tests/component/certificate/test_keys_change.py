"""Holders and certificates change keys each at its own moment, and find each other all the while."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from chassis.database import Database, migrate
from chassis.sealing import Ring, Sealer
from chassis.sealing.resealing import reseal
from chassis.sealing.ring import change
from contracts.values import PersonId, ResidentId
from services.certificate import worker
from services.certificate.repository import Certificates
from services.certificate.tables import certificates, holders, metadata
from tests.component.certificate.conftest import Office, Someone
from tests.support.eventually import eventually
from tests.support.postgres import _execute, apart, url_of
from tests.support.station import running


def _sealer(office: Office) -> Sealer:
    sealer: Sealer = office.door.app.state.sealer
    return sealer


async def test_a_holder_finds_their_certificates_at_every_step(office: Office, anna: Someone, tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    await office.holds(anna)
    change(file, Ring.with_another)
    change(file, Ring.with_newest_current)
    assert _sealer(office).ring.current.id == 1
    # Issued under the new key to a holder who still stands under the old one.
    await office.holds(anna, number="SH-0002")
    async with office.database.transaction() as session:
        await session.execute(sa.update(holders).values(holder_key=Sealer(Ring.of(b"\x07" * 32)).lookup(anna.resident_id)))
    assert len((await office.door.call("GET", "/certificates", facts=office.acting(anna))).json()) == 2
    again = await office.deposit(anna, key="another", number="SH-0001")
    assert (again.status_code, again.json()["code"]) == (409, "certificate-already-there")
    assert await reseal(office.database, metadata, _sealer(office), rest=0) == {"holders": 1, "organisation_holders": 0, "certificates": 1}
    change(file, Ring.without_retired)
    assert len(_sealer(office).ring.keys) == 1
    assert len((await office.door.call("GET", "/certificates", facts=office.acting(anna))).json()) == 2


async def test_a_number_linked_to_another_person_is_nobody_elses_under_any_key(office: Office, anna: Someone, berta: Someone) -> None:
    old = Sealer(Ring.of(b"\x07" * 32).with_another())
    new = Sealer(old.ring.with_newest_current())
    for person, sealer in ((anna, old), (berta, new)):
        async with office.database.transaction() as session:
            await Certificates(session, sealer).link(person.id, ResidentId(anna.resident_id))
    async with office.database.reading() as session:
        assert [row.person_id for row in await session.execute(sa.select(holders.c.person_id))] == [berta.id]


async def test_holders_linked_before_numbers_were_kept_get_theirs(office: Office, anna: Someone, tmp_path: Path) -> None:
    await office.holds(anna)
    async with office.database.transaction() as session:
        await session.execute(sa.update(holders).values(holder_id=None))
    assert len((await office.door.call("GET", "/certificates", facts=office.acting(anna))).json()) == 1
    part = worker.numbering(office.database, office.clock, office.feed.consumer._neighbours)

    async def is_kept() -> bool:
        async with office.database.reading() as session:
            [held] = (await session.execute(sa.select(holders.c.holder_id))).scalars()
        return held is not None and _sealer(office).open(held) == anna.resident_id

    async with running(part.main):
        await eventually(is_kept)


async def test_the_numbers_of_before_are_sealed_by_the_migration(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text("07" * 32)
    sealer = Sealer.from_file(file)
    apart(_execute("postgres", 'CREATE DATABASE "numbers_of_before"'))
    url = url_of("numbers_of_before")
    settings = {"CERTIFICATE_DATA_KEY_FILE": str(file)}
    await asyncio.to_thread(migrate.upgrade, "services.certificate", url, "0001", settings=settings)
    database = Database(url)
    row = {
        "type": "t", "issuer": "i", "state": "valid", "grade": "A", "holder_key": sealer.lookup("h"), "holder_name": b"", "holder_id": sealer.seal("h"),
        "content": b"", "salt": "s", "signature": b"",
    }  # fmt: skip
    columns = ", ".join(row)
    async with database.transaction() as session:
        await session.execute(sa.text("INSERT INTO types VALUES ('t', 'n', 'n', 'f', 'person', '{}', NULL, 'official')"))
        for serial in range(3):
            values = row | {"id": str(PersonId.new()), "identifier": str(serial), "number": f"n-{serial}"}
            names = ", ".join(f":{name}" for name in values)
            await session.execute(
                sa.text(
                    f"INSERT INTO certificates ({columns}, id, identifier, number, issued_on, created_at) VALUES ({names}, now(), now())"
                ),
                values,
            )
        await session.execute(sa.text("INSERT INTO holders VALUES (:id, :key)"), {"id": str(PersonId.new()), "key": sealer.lookup("h")})
    await asyncio.to_thread(migrate.upgrade, "services.certificate", url, settings=settings)
    async with database.reading() as session:
        rows = (await session.execute(sa.select(certificates.c.number, certificates.c.number_key))).all()
        [held] = (await session.execute(sa.select(holders.c.holder_id))).scalars()
    await database.close()
    assert {(sealer.open(row.number), row.number_key) for row in rows} == {(f"n-{each}", sealer.lookup(f"n-{each}")) for each in range(3)}
    assert sealer.open(held) == "h"
