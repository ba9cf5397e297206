"""The ledger on a real database: written once, by several processes, through failures, and verified afterwards."""

import asyncio
import multiprocessing
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy.exc import DBAPIError, IntegrityError
from structlog.testing import capture_logs

from chassis.clock import FixedClock, SystemClock
from chassis.database import Database
from chassis.errors import Unavailable
from contracts.events.access import DataAccessed
from gateway.decision import Decision
from gateway.ledger import LedgerWriter, Sealer, Signing, Witness, copies, retention
from gateway.ledger.__main__ import main as command
from gateway.ledger.chain import moment
from gateway.ledger.verification import Report, Trust, verify
from gateway.registry.tables import decisions, ledger_blocks, ledger_checkpoints
from tests.support.eventually import eventually
from tests.support.ledger_in_memory import LEDGER_KEY, TERMS, decision
from tests.support.service import published
from tests.support.station import running
from tests.support.wires import wire

EVERY = timedelta(minutes=1)


@dataclass
class Office:
    """A database with a ledger, and a folder for the witness and copies."""

    database: Database
    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime.now(UTC)))

    def writer(self, database: Database | None = None) -> LedgerWriter:
        return LedgerWriter(database or self.database, self.clock, LEDGER_KEY)

    def sealer(self) -> Sealer:
        witness = Witness(self.folder / "witness.jsonl")
        return Sealer(self.database, self.clock, LEDGER_KEY, witness, every=EVERY)

    async def seal(self) -> None:
        await self.sealer().seal()
        await self.sealer().witness()

    async def report(self, *, now: datetime | None = None) -> Report:
        witness = self.folder / "witness.jsonl"
        await copies.export(self.database.url, self.folder / "copy", [witness] if witness.exists() else [])
        return verify(copies.read(self.folder / "copy"), Trust([LEDGER_KEY.public], TERMS, now or self.clock.now() + timedelta(hours=1)))

    async def request_ids(self) -> list[str]:
        async with self.database.reading() as session:
            return sorted(await session.scalars(sa.select(decisions.c.request_id)))

    def made(self, count: int) -> list[Decision]:
        return [decision(number, self.clock.now()) for number in range(count)]


@pytest.fixture
def office(database_of: Callable[[str], Database], tmp_path: Path) -> Office:
    return Office(database_of("gateway.registry"), tmp_path)


@asynccontextmanager
async def writing(writer: LedgerWriter) -> AsyncIterator[LedgerWriter]:
    async with running(writer.write):
        yield writer


async def put(writer: LedgerWriter, made: list[Decision]) -> None:
    async with writing(writer):
        for each in made:
            if not each.access:
                writer.record(each)
        await asyncio.gather(*(writer.durable(each) for each in made if each.access))


# Written once


@pytest.mark.parametrize("table", ["decisions", "ledger_chains", "ledger_blocks", "ledger_checkpoints", "ledger_sealed"])
async def test_the_owner_of_the_tables_can_neither_change_nor_delete_nor_empty_them(office: Office, table: str) -> None:
    await put(office.writer(), office.made(8))
    await office.seal()
    column = "chain" if table != "ledger_chains" else "gateway"
    column = "number" if table == "ledger_checkpoints" else column
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DBAPIError, match="written once"):
            async with office.database.transaction() as session:
                await session.execute(sa.text(statement))
    assert (await office.report()).findings == []


async def test_a_fork_is_refused_by_the_database_itself(office: Office) -> None:
    await put(office.writer(), office.made(1))
    fork = "INSERT INTO ledger_blocks SELECT chain, number + 1, previous, at, records, leaves, hash, signature FROM ledger_blocks"
    with pytest.raises(IntegrityError, match="uq_ledger_blocks_previous"):
        async with office.database.transaction() as session:
            await session.execute(sa.text(fork))


# Several writers


async def test_writers_at_once_leave_every_record_once_and_no_fork(office: Office) -> None:
    made = [office.made(40) for _ in range(5)]
    await asyncio.gather(*(put(office.writer(), each) for each in made))
    await office.seal()
    report = await office.report()
    assert (report.findings, report.records, report.unsealed) == ([], 200, 0)
    assert await office.request_ids() == sorted(each.request_id for some in made for each in some)


async def test_each_access_is_an_event_of_the_same_transaction(office: Office) -> None:
    made, writer = office.made(9), office.writer()
    async with writing(writer):
        # The first block begins its chain; of those after it the event is in the block's own statement.
        for each in made:
            await (writer.durable(each) if each.access else asyncio.sleep(0))
    async with office.database.reading() as session:
        query = "SELECT count(*), count(*) FILTER (WHERE xmin IN (SELECT xmin FROM ledger_blocks)) FROM outbox"
        events, of_blocks = (await session.execute(sa.text(query.replace("xmin", "xmin::text")))).one()
        blocks = (await session.execute(sa.select(sa.func.count()).select_from(ledger_blocks))).scalar_one()
    assert events == of_blocks == blocks > 1
    told = [each.request_id for each in await published(office.database, DataAccessed)]
    assert sorted(told) == sorted(each.request_id for each in made if each.access)


def _write_for_ever(url: str) -> None:
    async def main() -> None:
        writer = LedgerWriter(Database(url), SystemClock(), LEDGER_KEY)
        task = asyncio.create_task(writer.write(asyncio.Event()))
        while not task.done():
            await asyncio.gather(*(writer.durable(decision(0, datetime.now(UTC))) for _ in range(3)))

    asyncio.run(main())


@pytest.mark.parametrize("_round", range(3))
async def test_a_killed_process_leaves_a_chain_that_ends_and_verifies(office: Office, _round: int) -> None:
    process = multiprocessing.get_context("fork").Process(target=_write_for_ever, args=(office.database.url,), daemon=True)
    process.start()
    await eventually(lambda: _has_records(office, 20 + 10 * _round))
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    await put(office.writer(), office.made(5))
    await office.seal()
    report = await office.report()
    assert (report.findings, report.unsealed) == ([], 0)
    assert len({each.chain for each in copies.read(office.folder / "copy").blocks}) == 2
    assert len(await published(office.database, DataAccessed)) == sum(
        each.kept_as == "personal" for each in copies.read(office.folder / "copy").records
    )


async def _has_records(office: Office, count: int) -> bool:
    return len(await office.request_ids()) >= count


async def test_who_finds_another_s_block_in_its_chain_begins_a_new_one(office: Office) -> None:
    writer = office.writer()
    async with writing(writer):
        await writer.durable(decision(0, office.clock.now()))
        async with office.database.transaction() as session:
            await session.execute(
                sa.text(
                    "INSERT INTO ledger_blocks SELECT chain, number + 1, hash, at, records, '', sha256(hash), signature FROM ledger_blocks"
                )
            )
        with capture_logs() as said:
            await writer.durable(decision(0, office.clock.now()))
    assert [entry["event"] for entry in said if entry["log_level"] == "error"] == ["chain_continued_by_another"]
    assert len(await office.request_ids()) == 2
    report = await office.report()
    assert {each.block for each in report.findings} == {1}


async def test_who_finds_its_chain_gone_begins_a_new_one(office: Office) -> None:
    writer = office.writer()
    async with writing(writer):
        await writer.durable(decision(0, office.clock.now()))
        await office.seal()
        await _with_the_triggers_off(office, "TRUNCATE decisions, ledger_chains, ledger_blocks")
        with capture_logs() as said:
            await writer.durable(decision(0, office.clock.now()))
    assert [entry["event"] for entry in said if entry["log_level"] == "error"] == ["chain_cut"]
    assert [each.what for each in (await office.report()).findings] == ["cut off: a checkpoint names this block"]


# Failures


@asynccontextmanager
async def behind_a_wire(office: Office) -> AsyncIterator[tuple[Any, Database]]:
    async with wire(int(office.database.url.rpartition(":")[2].partition("/")[0])) as between:
        database = Database(re.sub(r":[0-9]+/", f":{between.port}/", office.database.url))
        yield between, database
        await database.close()


async def test_with_the_database_away_the_queue_holds_and_evidence_fails_closed(office: Office) -> None:
    made = office.made(40)
    async with behind_a_wire(office) as (between, database):
        writer = office.writer(database)
        async with writing(writer):
            await writer.durable(made[0])
            between.cut()
            for each in made[1:]:
                if not each.access:
                    writer.record(each)
            with pytest.raises(Unavailable):
                await writer.durable(made[4])
            made[4].access = None
            between.mend()
            recorded = [made[0].request_id, *(each.request_id for each in made if not each.access)]
            await eventually(lambda: _are(office, sorted(recorded)))
        assert writer.dropped == 0
    await office.seal()
    assert (await office.report()).findings == []
    assert len(await published(office.database, DataAccessed)) == 1


async def _are(office: Office, request_ids: list[str]) -> bool:
    return await office.request_ids() == request_ids


async def test_an_answer_of_the_database_that_was_lost_does_not_write_twice(office: Office) -> None:
    made = [decision(1, office.clock.now()) for _ in range(4)]
    async with behind_a_wire(office) as (between, database):
        writer = office.writer(database)
        async with writing(writer):
            for number, each in enumerate(made, 1):
                # The third is written over a line that stands, and what the database says of it is lost.
                between.is_deaf = number == 3
                writer.record(each)
                await eventually(lambda number=number: _are(office, sorted(each.request_id for each in made[:number])))
        assert writer.dropped == 0
    await office.seal()
    report = await office.report()
    assert (report.findings, report.records, report.blocks) == ([], 4, 4)


async def test_past_its_bound_the_queue_drops_and_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.ledger.writer._BACKLOG", 2)
    writer = office.writer()
    for each in office.made(5):
        writer.record(each)
    with pytest.raises(Unavailable):
        await writer.durable(decision(0, office.clock.now()))
    assert writer.dropped == 4
    async with writing(writer):
        pass
    assert len(await office.request_ids()) == 2


async def test_text_that_is_none_is_refused_alone(office: Office) -> None:
    made = office.made(6)
    made[1].purpose, made[2].purpose = "\ud800", "\0"
    writer = office.writer()
    await put(writer, made)
    assert writer.dropped == 2
    assert await office.request_ids() == sorted(each.request_id for each in made if not each.purpose)


async def test_a_clock_that_is_put_back_changes_no_order(office: Office) -> None:
    writer = office.writer()
    async with writing(writer):
        await writer.durable(decision(0, office.clock.now()))
        office.clock.advance(timedelta(hours=-2))
        await writer.durable(decision(0, office.clock.now()))
    await office.seal()
    office.clock.advance(timedelta(hours=3))
    report = await office.report()
    assert (report.findings, report.blocks) == ([], 2)


# Sealing


async def test_of_several_sealers_one_makes_the_checkpoint_of_the_minute(office: Office) -> None:
    await put(office.writer(), office.made(4))
    sealed = await asyncio.gather(*(office.sealer().seal(at_once=False) for _ in range(5)))
    assert len([each for each in sealed if each]) == 1
    await put(office.writer(), office.made(4))
    assert await office.sealer().seal(at_once=False) is None
    office.clock.advance(EVERY)
    assert await office.sealer().seal(at_once=False) is not None
    office.clock.advance(EVERY)
    assert await office.sealer().seal(at_once=False) is None, "nothing has moved since"


async def test_the_part_seals_what_others_left_at_its_start_and_the_rest_at_its_end(office: Office) -> None:
    await put(office.writer(), office.made(4))
    async with running(office.sealer().part().main):
        await eventually(lambda: (office.folder / "witness.jsonl").exists() and (office.folder / "witness.jsonl").read_text())
        await put(office.writer(), office.made(4))
    report = await office.report()
    assert (report.findings, report.checkpoints, report.unsealed) == ([], 2, 0)


async def test_a_sealer_that_died_before_the_witness_heard_is_made_up_for(office: Office) -> None:
    await put(office.writer(), office.made(4))
    await office.sealer().seal()
    assert [each.what for each in (await office.report()).findings] == ["checkpoint 0 was not witnessed"]
    await put(office.writer(), office.made(4))
    await office.seal()
    assert (await office.report()).findings == []


async def _with_the_triggers_off(office: Office, *statements: str) -> None:
    async with office.database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await session.execute(sa.text(statement))


async def test_a_database_that_was_put_back_is_told_from_the_witness(office: Office) -> None:
    """By somebody who turned the triggers off, and made everything in the database fit."""
    for _ in range(2):
        await put(office.writer(), office.made(4))
        await office.seal()
    late = "SELECT chain FROM ledger_blocks WHERE chain NOT IN (SELECT chain FROM first)"
    await _with_the_triggers_off(
        office,
        "CREATE TEMPORARY TABLE first ON COMMIT DROP AS SELECT chain FROM ledger_sealed "
        "WHERE EXISTS (SELECT FROM ledger_checkpoints WHERE number = 0 AND body LIKE '%' || chain || '%')",
        f"DELETE FROM decisions WHERE chain IN ({late})",
        f"DELETE FROM ledger_blocks WHERE chain IN ({late})",
        "DELETE FROM ledger_chains WHERE id NOT IN (SELECT chain FROM first)",
        "DELETE FROM ledger_checkpoints WHERE number = 1",
    )
    assert [each.what for each in (await office.report()).findings] == ["checkpoint 1 is not what was witnessed"]
    with capture_logs() as said:
        async with running(office.sealer().part().main):
            pass
    assert "ledger_rewound" in [entry["event"] for entry in said]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE decisions SET body = replace(body, '\"status\":', '\"Status\":') WHERE position = 0", "the record was changed"),
        ("UPDATE decisions SET party = NULL WHERE position = 1", "the record is filed under another party"),
        ("DELETE FROM decisions WHERE position = 2", "the record is gone before its term"),
        ("UPDATE decisions SET position = 1 - position WHERE position < 2", "the record was changed"),
        ("UPDATE ledger_blocks SET at = at - interval '10 years'", "the block was changed"),
        ("DELETE FROM ledger_blocks", "cut off: a checkpoint names this block"),
        ("TRUNCATE decisions, ledger_chains, ledger_blocks", "cut off: a checkpoint names this block"),
    ],
)
async def test_the_owner_who_turns_the_triggers_off_is_found_out(office: Office, statement: str, what: str) -> None:
    await put(office.writer(), office.made(3))
    await office.seal()
    await _with_the_triggers_off(office, "ALTER TABLE decisions DROP CONSTRAINT uq_decisions_chain_block_position", statement)
    assert what in {each.what for each in (await office.report()).findings}
    await _with_the_triggers_off(
        office,
        "TRUNCATE decisions",
        "ALTER TABLE decisions ADD CONSTRAINT uq_decisions_chain_block_position UNIQUE (chain, block, position)",
    )


# Retention


async def test_records_go_by_class_when_their_term_is_over_and_the_chain_still_verifies(office: Office) -> None:
    made = office.made(20)
    await put(office.writer(), made)
    await office.seal()
    personal = sorted(each.request_id for each in made if each.access)
    for months, left in ((5, sorted(each.request_id for each in made)), (2, personal), (28, personal), (3, [])):
        office.clock.advance(timedelta(days=31 * months))
        async with running(retention.part(office.database, office.clock, TERMS).main):
            await eventually(lambda left=left: _are(office, left))
        report = await office.report()
        assert (report.findings, report.records, report.expired) == ([], len(left), 20 - len(left))


async def test_a_record_that_went_before_its_term_is_a_finding(office: Office) -> None:
    made = office.made(12)
    await put(office.writer(), made)
    await office.seal()
    early = office.clock.now() + timedelta(minutes=1)
    async with office.database.transaction() as session:
        assert await retention.forget_some(session, "personal", early) == 3
    assert {each.what for each in (await office.report()).findings} == {"the record is gone before its term"}


# What an auditor does


async def test_an_auditor_exports_and_verifies_by_command(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await put(office.writer(), office.made(10))
    await office.seal()
    key, others, exported = (office.folder / name for name in ("ours.json", "others.json", "export"))
    for file, signing in ((key, LEDGER_KEY), (others, Signing.new())):
        file.write_bytes(orjson.dumps(_jwk(signing)))
    database = ("--database", office.database.url, "--witness", str(office.folder / "witness.jsonl"))

    async def ask(*said: str) -> tuple[int, str]:
        # It runs an event loop of its own.
        status = await asyncio.to_thread(command, list(said))
        return status, capsys.readouterr().out

    assert (await ask("export", str(exported), *database))[0] == 0
    for where in (("--export", str(exported)), database):
        untouched = await ask("verify", *where, "--key", str(key))
        assert untouched == (0, "records=10 expired=0 blocks=1 unsealed=0 checkpoints=1 findings=0\n")
    assert (await ask("verify", *database, "--key", str(others)))[0] == 1
    (exported / "blocks.jsonl").write_text("{")
    assert (await ask("verify", "--export", str(exported), "--key", str(key)))[0] == 1


def _jwk(key: Signing) -> dict[str, Any]:
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public)
    return dict(ECKey.import_key(point).as_dict(private=False))


async def test_checkpoints_carry_the_time_of_their_making(office: Office) -> None:
    await put(office.writer(), office.made(1))
    await office.seal()
    async with office.database.reading() as session:
        row = (await session.execute(sa.select(ledger_checkpoints))).one()
        block = (await session.execute(sa.select(ledger_blocks))).one()
    said = orjson.loads(row.body)
    assert moment(said["at"]) == row.at == office.clock.now()
    assert said["heads"] == [{"chain": block.chain, "block": 0, "hash": block.hash.hex(), "records": 1}]
