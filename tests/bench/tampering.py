"""`make ledger-verify`: a real ledger by several gateway processes, then thousands of tamperings, each of which must be found.

The ledger is written by the real writer and sealed by the real sealer into a PostgreSQL of its own, exported and verified by
the commands an auditor uses. Then random tamperings are done to copies of a smaller one, and each copy is verified as a
whole. Ends with `tamperings=<n> found=<n>`; the status says whether all were.
"""

import asyncio
import os
import random
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import orjson
import uvloop

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from deploy.local import postgres
from deploy.local.keys import private_key, public_jwk
from gateway.ledger import LedgerWriter, Sealer, Signing, Witness, copies
from gateway.ledger.__main__ import main as command
from gateway.ledger.chain import NOTHING_BEFORE, Checkpoint, Head, OpenChain, leaf
from gateway.ledger.copies import Copy
from gateway.ledger.verification import Trust, verify
from tests.support.ledger_in_memory import TERMS, decision, row
from tests.support.tampering import ALL, Held, tampered

TAMPERINGS: Final = int(os.environ.get("TAMPERINGS", "10000"))
RECORDS: Final = int(os.environ.get("RECORDS", "3000"))
MILLIONS: Final = float(os.environ.get("MILLIONS", "0.1"))
SEED: Final = int(os.environ.get("TONGBAN_SEED", "0"))
PROCESSES: Final = 3
PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "ledger-verify"


def write(url: str, number: int, records: int) -> None:
    """One gateway process: `records` decisions in bursts, sealed between them and at the end."""
    uvloop.run(_write(url, number, records))


async def _write(url: str, number: int, records: int) -> None:
    database, clock, key = Database(url), SystemClock(), Signing.from_file(FOLDER / "ledger.pem")
    stop, writer = asyncio.Event(), LedgerWriter(database, clock, key, f"gateway:{number}")
    sealer = Sealer(database, clock, key, Witness(FOLDER / "witness.jsonl"), every=timedelta(minutes=1))
    writing = asyncio.create_task(writer.write(stop))
    coming = iter(range(records))
    while burst := list(islice(coming, 1 + records // 8)):
        decisions = [decision(each, clock.now()) for each in burst]
        for each in decisions:
            if not each.access:
                writer.record(each)
        await asyncio.gather(*(writer.durable(each) for each in decisions if each.access))
        await sealer.seal()
    stop.set()
    await writing
    await sealer.seal()
    await sealer.witness()
    await database.close()
    assert writer.dropped == 0


def ledger_of(url: str, records: int) -> None:
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(write, [url] * PROCESSES, range(PROCESSES), [records // PROCESSES] * PROCESSES))
    # Whoever was second with the last checkpoint leaves it to the next.
    with ProcessPoolExecutor(1) as pool:
        pool.submit(write, url, PROCESSES, 8).result()


def exported(url: str, folder: Path) -> int:
    """The status of the auditor's commands, told one after the other."""
    command(["export", str(folder), "--database", url, "--witness", str(FOLDER / "witness.jsonl")])
    return command(["verify", "--export", str(folder), "--key", str(FOLDER / "ledger.json")])


def tamper(held: Held, trust: Trust) -> Counter[str]:
    """How many tamperings of each kind were not found."""
    shares = [range(first, TAMPERINGS, PROCESSES) for first in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        return sum(pool.map(_tamper, shares, [held] * PROCESSES, [trust] * PROCESSES), Counter())


def _tamper(numbers: range, held: Held, trust: Trust) -> Counter[str]:
    missed: Counter[str] = Counter()
    for number in numbers:
        kind = list(ALL)[number % len(ALL)]
        if not verify(tampered(held, kind, random.Random(f"{SEED}:{number}")).copy(), trust).findings:
            missed[kind] += 1
    return missed


def big(records: int, key: Signing) -> Copy:
    """A ledger of many records in full blocks, in memory."""
    at = SystemClock().now()
    chain, blocks, rows = OpenChain(key, "gateway", at), [], []
    sample = [row(decision(number, at), "", 0, 0) for number in range(250)]
    leaves = b"".join(leaf(b"p" if each.kept_as == "personal" else b"o", each.body.encode()) for each in sample)
    for number in range(records // len(sample)):
        chain.add(block := chain.block(leaves, at))
        blocks.append(block)
        rows += [
            copies.Record(
                block.chain, number, place, each.kept_as, each.request_id, each.at, each.party, each.person, each.case_number, each.body
            )
            for place, each in enumerate(sample)
        ]
    head = Head(blocks[-1].chain, blocks[-1].number, blocks[-1].hash.hex(), blocks[-1].records)
    checkpoint = Checkpoint.new(0, NOTHING_BEFORE, at, [head], key)
    return Copy([chain.beginning], blocks, rows, [checkpoint], [checkpoint.line()])


def rate(trust: Trust, key: Signing) -> None:
    copy = big(int(MILLIONS * 1e6), key)
    started = time.perf_counter()
    report = verify(copy, trust)
    took = time.perf_counter() - started
    assert not report.findings
    print(
        f"verified records={report.records} in {took:.1f} s: {report.records / took:.0f}/s, {1e6 / (report.records / took):.0f} s a million"
    )


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    private_key(FOLDER / "ledger.pem")
    (FOLDER / "ledger.json").write_bytes(orjson.dumps(public_jwk(FOLDER / "ledger.pem")))
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=False)
    try:
        postgres.create_databases(server.port, PASSWORD, {"gateway": PASSWORD, "small": PASSWORD})
        urls = [postgres.url(server.port, name, PASSWORD) for name in ("gateway", "small")]
        for url in urls:
            migrate.upgrade("gateway.registry", url)
        ledger_of(urls[0], RECORDS)
        if exported(urls[0], FOLDER / "export"):
            return 1
        (FOLDER / "witness.jsonl").unlink()
        ledger_of(urls[1], 240)
        if exported(urls[1], FOLDER / "small"):
            return 1
        key = Signing.from_file(FOLDER / "ledger.pem")
        trust = Trust([key.public], TERMS, SystemClock().now() + timedelta(days=1))
        rate(trust, key)
        started = time.perf_counter()
        missed = tamper(Held.of(copies.read(FOLDER / "small")), trust)
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"{len(ALL)} kinds, seed {SEED}, {time.perf_counter() - started:.0f} s")
    for kind, count in missed.items():
        print(f"not found: {kind} {count}")
    print(f"tamperings={TAMPERINGS} found={TAMPERINGS - missed.total()}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
