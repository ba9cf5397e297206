"""CPU of one decision record in the gateway process: encoded, hashed, and written to a PostgreSQL of its own.

Encoding and hashing are timed alone, in this process; the whole is what the writer needs for each record beside them:
queue, statement, driver and event loop, block after block.
"""

import asyncio
import os
import shutil
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvloop

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from contracts.values import Id, PartyId, PersonId
from deploy.local import postgres
from gateway.decision import GRANTED, Decision, Room
from gateway.ledger import LedgerWriter, Signing, records
from gateway.ledger.chain import leaf

RECORDS: Final = int(os.environ.get("RECORDS", "20000"))
LOOKS: Final = int(os.environ.get("LOOKS", "5"))
BLOCK: Final = 250
PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-ledger"

_PARTIES: Final = [PartyId.new() for _ in range(4)]
_PERSON: Final = PersonId.new()


def decision(number: int) -> Decision:
    """A granted reading of public data by an app, for somebody who is signed in."""
    return Decision(
        str(Id.new()),
        SystemClock().now() + timedelta(microseconds=number),
        "GET",
        "/matters",
        "0af7651916cd43dd8448eb211c80319c",
        "GET /matters",
        _PARTIES[number % len(_PARTIES)],
        "app",
        _PERSON,
        rooms=dict.fromkeys(Room, GRANTED),
        policy_version=7,
        status=200,
        duration_ms=1.2345678,
        upstream="catalogue",
        channel="app",
        facts={"assurance": 2, "kind": "app", "permission": "matter:read"},
        limit={"limit": 100, "remaining": 57},
    )


def each_us(work: Callable[[Decision], object], decisions: list[Decision]) -> float:
    """Microseconds of CPU for one, the median of some looks."""
    looks = []
    for _ in range(LOOKS):
        started = time.process_time()
        for decision in decisions:
            work(decision)
        looks.append((time.process_time() - started) / len(decisions) * 1e6)
    return statistics.median(looks)


async def written_us(database: Database) -> float:
    """Of one record from `record` to the disk, a full block at a time, as much as comes between two of a busy door."""
    decisions = [decision(number) for number in range(BLOCK)]
    stop, writer = asyncio.Event(), LedgerWriter(database, SystemClock(), Signing.new())
    writing = asyncio.create_task(writer.write(stop))
    looks = []
    for _ in range(RECORDS // BLOCK):
        started = time.process_time()
        for each in decisions:
            writer.record(each)
        await asyncio.sleep(0.03)
        looks.append((time.process_time() - started) / BLOCK * 1e6)
    stop.set()
    await writing
    assert writer.dropped == 0
    return statistics.median(looks)


async def measure(url: str) -> None:
    decisions = [decision(number) for number in range(RECORDS)]
    bodies = {id(each): records.body(each) for each in decisions}
    encode_us = each_us(records.body, decisions)
    hash_us = each_us(lambda each: leaf(b"o", bodies[id(each)]), decisions)
    database = Database(url)
    try:
        total_us = await written_us(database)
    finally:
        await database.close()
    size = statistics.mean(map(len, bodies.values()))
    print(
        f"bytes={size:.0f} encode_us={encode_us:.2f} hash_us={hash_us:.2f} "
        f"write_us={total_us - encode_us - hash_us:.2f} total_us={total_us:.2f}"
    )


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=False)
    try:
        postgres.create_databases(server.port, PASSWORD, {"gateway": PASSWORD})
        url = postgres.url(server.port, "gateway", PASSWORD)
        migrate.upgrade("gateway.registry", url)
        uvloop.run(measure(url))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
