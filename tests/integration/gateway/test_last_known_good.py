"""Without the database of its control plane a gateway goes on, and a new one begins by what was known."""

import json
import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import SystemClock
from chassis.database import Database
from gateway.registry.masking import load_masking
from gateway.registry.snapshots import LastKnownGood, Snapshots
from tests.integration.gateway.door import Door, gateway, register
from tests.support.eventually import eventually
from tests.support.wires import wire

CLOCK = SystemClock()
EVERY_PART = (
    "http", "ledger", "checkpoints", "snapshots", "nonces", "limits", "admission", "keys", "lapses", "broadcast", "relay",
    "idempotency keys",
)  # fmt: skip
DAY_S = 24 * 3600.0


def port_of(database: Database) -> int:
    return int(database.url.rpartition(":")[2].partition("/")[0])


async def test_with_the_database_away_processes_go_on_and_new_ones_begin(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, kafka: str, namespace: str
) -> None:
    direct, file = database_of("gateway.registry"), tmp_path / "snapshot.json"
    parties, broker = await register(direct), {"kafka_bootstrap_servers": kafka, "mesh_namespace": namespace}
    async with wire(port_of(direct)) as between:
        database = Database(re.sub(r":[0-9]+/", f":{between.port}/", direct.url))
        async with gateway(database, tmp_path, upstream, parties=parties, snapshot_file=file) as running:
            between.cut()
            assert (await running.call("GET", "/matters", running.bearer())).status_code == 200
            assert (await running.call("GET", "/health/ready")).json() == {"status": "ready"}
            started = Database(database.url)
            async with gateway(started, tmp_path, upstream, parties=parties, parts=EVERY_PART, snapshot_file=file, **broker) as new:
                assert (await new.call("GET", "/matters", new.bearer())).status_code == 200
                health = (await new.call("GET", "/health/ready")).json()
                assert (health["status"], "degraded" in health) == ("ready", True)
                assert (await new.call("GET", "/unregistered", new.bearer())).status_code == 404
                assert (await new.signed("district", "GET", "/matters")).json()["rule"] == "replay-store"
                between.mend()
                await eventually(lambda: is_itself_again(new), within=10)
                async with direct.transaction() as session:
                    await session.execute(sa.text("UPDATE parties SET status = 'suspended' WHERE kind = 'app'"))
                await eventually(lambda: is_refused(new), within=5)
            await started.close()
        await database.close()


async def is_itself_again(door: Door) -> bool:
    return (await door.call("GET", "/health/ready")).json() == {"status": "ready"}


async def is_refused(door: Door) -> bool:
    return (await door.call("GET", "/matters", door.bearer())).status_code == 403


@pytest.fixture
async def loaded(database_of: Callable[[str], Database], tmp_path: Path) -> tuple[Snapshots, Path]:
    database, file = database_of("gateway.registry"), tmp_path / "snapshot.json"
    await register(database)
    async with database.transaction() as session:
        await load_masking(session)
    snapshots = Snapshots(database, poll_s=3600, kept=LastKnownGood(file, CLOCK, good_for_s=DAY_S))
    await snapshots.load()
    return snapshots, file


async def test_what_is_read_back_is_what_was_known(loaded: tuple[Snapshots, Path]) -> None:
    snapshots, file = loaded
    read, known = LastKnownGood(file, CLOCK, good_for_s=DAY_S).read(), snapshots.current()
    assert read is not None
    assert (read.policy_version, read.channels, read.masking) == (known.policy_version, known.channels, known.masking)
    assert read.policies.texts == known.policies.texts
    assert read.routes.find("GET", "/matters") == known.routes.find("GET", "/matters")
    assert read.parties == known.parties
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


async def test_the_file_is_written_again_when_something_changed_and_is_young_after_every_load(loaded: tuple[Snapshots, Path]) -> None:
    snapshots, file = loaded
    first = file.stat()
    os.utime(file, (0, 0))
    await snapshots.load()
    assert (file.stat().st_ino, file.stat().st_mtime > time.time() - 60) == (first.st_ino, True)
    async with snapshots._database.transaction() as session:
        await session.execute(sa.text("UPDATE parties SET burst = 7"))
    await snapshots.load()
    read = LastKnownGood(file, CLOCK, good_for_s=DAY_S).read()
    assert read is not None
    assert {each.burst for each in read.parties.values()} == {7}


async def test_a_file_that_is_too_old_is_none(loaded: tuple[Snapshots, Path]) -> None:
    _, file = loaded
    os.utime(file, (time.time() - 61, time.time() - 61))
    assert LastKnownGood(file, CLOCK, good_for_s=60).read() is None
    assert LastKnownGood(file, CLOCK, good_for_s=120).read() is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: "",
        lambda said: "[]",
        lambda said: "null",
        lambda said: json.dumps(said)[:-20],
        lambda said: json.dumps({**said, "parties": None}),
        lambda said: json.dumps({**said, "parties": [{}]}),
        lambda said: json.dumps({**said, "resources": [{"path": 7}]}),
        lambda said: json.dumps({name: rows for name, rows in said.items() if name != "policies"}),
    ],
)
async def test_a_file_that_is_no_snapshot_is_none(loaded: tuple[Snapshots, Path], spoil: Callable[[Any], str]) -> None:
    _, file = loaded
    file.write_text(spoil(json.loads(file.read_text())))
    assert LastKnownGood(file, CLOCK, good_for_s=DAY_S).read() is None


async def test_without_a_file_and_without_the_database_nothing_is_known(tmp_path: Path) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    snapshots = Snapshots(nowhere, poll_s=3600, kept=LastKnownGood(tmp_path / "none.json", CLOCK, good_for_s=DAY_S))
    await snapshots._restore()
    assert not snapshots.is_loaded
    await nowhere.close()


async def test_a_folder_that_cannot_be_written_costs_the_file_and_nothing_else(
    database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    database = database_of("gateway.registry")
    await register(database)
    async with database.transaction() as session:
        await load_masking(session)
    snapshots = Snapshots(database, poll_s=3600, kept=LastKnownGood(tmp_path / "no-such-folder" / "snapshot.json", CLOCK, good_for_s=DAY_S))
    await snapshots.load()
    assert snapshots.is_loaded
