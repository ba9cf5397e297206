"""Rows come under the current key beside those who use them, and no key goes before them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.sealing import Ring, Sealer, one_at_a_time
from chassis.sealing.columns import sealed_tables, unmarked
from chassis.sealing.resealing import NotResealed, reseal, settled
from chassis.sealing.ring import change
from tests.support.eventually import eventually

metadata = sa.MetaData()
papers = sa.Table(
    "papers",
    metadata,
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("number_key", sa.LargeBinary, primary_key=True, info={"lookup_of": "number"}),
    sa.Column("number", sa.LargeBinary, info={"sealed": True}),
    sa.Column("note", sa.LargeBinary, info={"sealed": True}),
    sa.Column("digest", sa.LargeBinary, info={"plain": "a digest"}),
)
failures = sa.Table(
    "failures", metadata, sa.Column("key", sa.LargeBinary, primary_key=True, info={"lookup_alone": "somebody may try once more"})
)


@dataclass
class Desk:
    database: Database
    file: Path
    sealer: Sealer

    async def write(self, *numbers: int, note: bool = True, **more: Any) -> None:
        rows = [
            {
                "office": "a",
                "number_key": self.sealer.lookup(f"n-{number}"),
                "number": self.sealer.seal(f"n-{number}"),
                "note": self.sealer.seal(f"note {number}") if note else None,
                "digest": f"digest {number}".encode(),
                **more,
            }
            for number in numbers
        ]
        async with self.database.transaction() as session:
            await session.execute(sa.insert(papers), rows)

    async def rows(self) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(sa.select(papers))).all())

    def promote(self) -> None:
        change(self.file, Ring.with_another)
        change(self.file, Ring.with_newest_current)
        assert self.sealer.ring.current.id

    def only_newest(self) -> Sealer:
        return Sealer(self.sealer.ring.without_retired())


@pytest.fixture
async def desk(database_of: Callable[[str], Database], tmp_path: Path) -> AsyncIterator[Desk]:
    database = database_of("tests.support.ledger")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    file = tmp_path / "data.key"
    file.write_text("07" * 32)
    try:
        yield Desk(database, file, Sealer.from_file(file))
    finally:
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)


async def test_every_row_comes_under_the_current_key_and_says_the_same(desk: Desk) -> None:
    await desk.write(*range(1200))
    await desk.write(1200, note=False)
    for _ in range(2):
        desk.promote()
        assert await reseal(desk.database, metadata, desk.sealer, rest=0) == {"papers": 1201, "failures": 0}
        newest = desk.only_newest()
        rows = await desk.rows()
        assert {newest.open(row.number) for row in rows} == {f"n-{number}" for number in range(1201)}
        assert all(row.number_key == newest.lookup(newest.open(row.number)) for row in rows)
        assert sorted(newest.open(row.note) for row in rows if row.note) == sorted(f"note {number}" for number in range(1200))
        assert all(row.digest.startswith(b"digest") for row in rows)
        change(desk.file, Ring.without_retired)
    assert await reseal(desk.database, metadata, desk.sealer, rest=0) == {"papers": 0, "failures": 0}


async def test_a_row_that_somebody_holds_is_left_and_comes_later(desk: Desk) -> None:
    await desk.write(1, 2)
    desk.promote()
    async with desk.database.transaction() as session:
        await session.execute(sa.select(papers).limit(1).with_for_update())
        resealing = asyncio.create_task(reseal(desk.database, metadata, desk.sealer, rest=0))

        async def one_is_left() -> bool:
            return [row.number.startswith(desk.sealer.prefix()) for row in await desk.rows()].count(False) == 1

        await eventually(one_is_left)
        assert not resealing.done()
    assert await resealing == {"papers": 2, "failures": 0}


async def test_two_at_once_get_in_nobodys_way(desk: Desk) -> None:
    await desk.write(*range(400))
    desk.promote()
    both = await asyncio.gather(*(reseal(desk.database, metadata, desk.sealer, rest=0) for _ in range(2)))
    assert sum(each["papers"] for each in both) == 400


async def test_what_cannot_be_brought_over_keeps_nothing_else_and_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.sealing.resealing._BETWEEN_WALKS_S", 0)
    await desk.write(*range(60))
    await desk.write(60, number=b"broken and longer than any nonce")
    await desk.write(61, number=None)
    desk.promote()
    with pytest.raises(NotResealed, match="papers: 2 rows"):
        await reseal(desk.database, metadata, desk.sealer, rest=0)
    assert sum(row.number_key.startswith(desk.sealer.prefix()) for row in await desk.rows()) == 60


async def test_a_lookup_whose_text_is_kept_nowhere_goes_with_its_key(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        await session.execute(sa.insert(failures).values(key=desk.sealer.lookup("old")))
    desk.promote()
    async with desk.database.transaction() as session:
        await session.execute(sa.insert(failures).values(key=desk.sealer.lookup("new")))
    await reseal(desk.database, metadata, desk.sealer, rest=0)
    async with desk.database.reading() as session:
        assert (await session.execute(sa.select(failures.c.key))).scalars().all() == [desk.sealer.lookup("new")]


async def test_whoever_began_before_is_waited_for(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        await session.execute(sa.select(papers))
        with pytest.raises(NotResealed, match="still running"):
            await settled(desk.database, within_s=0.3)
        waiting = asyncio.create_task(settled(desk.database, within_s=10))
    await waiting
    # Whoever begins afterwards is not.
    async with desk.database.reading() as reading:
        await reading.execute(sa.text("SELECT 1"))
        await settled(desk.database, within_s=0.3)


async def test_with_two_keys_one_text_is_written_by_one_at_a_time(desk: Desk) -> None:
    added = Sealer(desk.sealer.ring.with_another())
    promoted = Sealer(added.ring.with_newest_current())

    async def claim(sealer: Sealer) -> bool:
        async with desk.database.transaction() as session:
            await one_at_a_time(session, sealer, "n-1")
            if (await session.execute(sa.select(papers).where(papers.c.number_key.in_(sealer.lookups("n-1"))))).first():
                return False
            await asyncio.sleep(0.05)  # the moment in which the other would pass, were there no lock
            await session.execute(sa.insert(papers).values(office="a", number_key=sealer.lookup("n-1"), number=sealer.seal("n-1")))
            return True

    assert sorted(await asyncio.gather(claim(added), claim(promoted))) == [False, True]


def test_marks_that_contradict_each_other_are_found() -> None:
    other = sa.MetaData()
    sa.Table(
        "t",
        other,
        sa.Column("nothing", sa.LargeBinary),
        sa.Column("both", sa.LargeBinary, info={"sealed": True, "plain": "so"}),
        sa.Column("key", sa.LargeBinary, info={"lookup_of": "nothing"}),
    )
    assert list(unmarked(other)) == ["t.nothing", "t.both"]
    with pytest.raises(ValueError, match="key look up what is not sealed"):
        sealed_tables(other)
