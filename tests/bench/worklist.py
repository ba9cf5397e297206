"""The work list of an officer who is limited to 170 matters, among a million cases of one unit: p95, statements and CPU.

The service is the application's HTTP deployment as it runs in production, on a PostgreSQL of its own. All cases are in one
division, which is the hardest: nothing but the officer's matters narrows the list. A fifth of them are open. Sixteen officers
take turns, each with matters of their own; every request asks for a first page, with its count.
"""

import asyncio
import os
import random
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Final

import asyncpg
import uvloop

from chassis.database import migrate
from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.headers import MESH_TOKEN
from contracts.permissions import Permission
from contracts.values import DivisionCode, OfficerId, PartyId
from deploy.local import postgres
from deploy.local.keys import Keyring
from services.application import app
from services.application.settings import ApplicationSettings
from tests.bench import load
from tests.bench.alone import serve, served

CASES: Final = int(os.environ.get("CASES", "1000000"))
MATTERS: Final = int(os.environ.get("MATTERS", "2341"))
LIMITED_TO: Final = int(os.environ.get("LIMITED_TO", "170"))
REQUESTS: Final = int(os.environ.get("REQUESTS", "600"))
LOOKS: Final = int(os.environ.get("LOOKS", "3"))
SEED: Final = int(os.environ.get("SEED", "7"))
PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-worklist"
DIVISION: Final = DivisionCode("310101")
_OFFICERS: Final = 16
_AS_FAST_AS_ANSWERED: Final = 1e9
_PARTY: Final = PartyId.new()

# Popular matters have most of the cases. Ids are of version 7 and agree with when the case was submitted.
_CASES: Final = """
INSERT INTO cases (id, number, person_id, task_code, version, matter_name, agency, agency_name, division, promised_working_days,
    is_illustrative, revision, status, applicant, form, submitted_at, is_deemed_accepted, suspensions, limits,
    channel, notice_citations, course, grounds)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
    task || to_char(at, 'YYYYMMDD') || lpad((n % 1000000)::text, 6, '0'), hash::uuid, task, 1, '示例·事项 ' || m, '11310101TE5T010192',
    '示例·黄浦区公安分局', $2, 9, true, 1,
    CASE WHEN n % 5 = 0 THEN (ARRAY['submitted', 'prereview', 'accepted', 'reviewing', 'suspended'])[1 + n / 5 % 5] ELSE 'closed' END,
    decode(repeat(hash, 4), 'hex'), decode(repeat(hash, 30), 'hex'), at, false, '[]', '{}', 'mobile', '[]', '{}', '[]'
FROM (SELECT n, m, md5(n::text) AS hash, now() - ($1 - n) * interval '31 seconds' AS at,
        '11310101TE5T0101924310101' || lpad(m::text, 6, '0') AS task
    FROM (SELECT n, (($3 - 1) * power((n::bigint * 7919 % 1000003) / 1000003.0, 2))::int AS m FROM generate_series(1, $1::int) n) a) b
"""
_WORK: Final = """
INSERT INTO work (case_id, unit, division, agency, matter, status, due_at)
SELECT id, unit, division, agency, substr(task_code, 20, 12), status,
    CASE WHEN status = 'suspended' THEN 'infinity' ELSE date_trunc('day', submitted_at) + interval '12 days 9 hours' + interval '1 day' * (revision % 7) END
FROM cases CROSS JOIN LATERAL (VALUES (division), (agency)) AS units (unit) WHERE status <> 'closed'
"""


async def fill(port: int) -> list[list[str]]:
    """The matters of each officer. Indexes are made at the end, as one would for so many rows."""
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=PASSWORD, database="application")
    try:
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        kept = "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relname IN ('cases', 'work') AND NOT indisunique"
        indexes = await connection.fetch(kept)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        await connection.execute(_CASES, CASES, DIVISION, MATTERS, timeout=900)
        await connection.execute(_WORK, timeout=300)
        for index in indexes:
            await connection.execute(index["made"], timeout=300)
        await connection.execute("VACUUM ANALYZE cases", timeout=300)
        await connection.execute("VACUUM ANALYZE work", timeout=300)
        chosen = random.Random(SEED)
        codes = [f"310101{number:06d}" for number in range(MATTERS)]
        limits = [chosen.sample(codes, min(LIMITED_TO, MATTERS)) for _ in range(_OFFICERS)]
        rows = [(str(DIVISION), _officer(place), limit) for place, limit in enumerate(limits)]
        await connection.executemany("INSERT INTO officer_scopes VALUES ($1, $2, $3, 'bench', now())", rows)
        return limits
    finally:
        await connection.close()


def _officer(place: int) -> str:
    return f"officer-{place}"


class Asked:
    """Requests of the officers in turn, with tokens that are made anew before they end."""

    def __init__(self, door: MeshSigner, query: str = "") -> None:
        permissions = frozenset(map(str, Permission))
        self._facts = [
            CallerFacts("gateway", _PARTY, "district", division=DIVISION, officer=OfficerId(_officer(place)), permissions=permissions)
            for place in range(_OFFICERS)
        ]
        self._door = door
        self._query = query

    def __call__(self, number: int) -> bytes:
        token = self._door.token(self._facts[number % _OFFICERS], "application")
        return f"GET /work-list{self._query} HTTP/1.1\r\nhost: application\r\n{MESH_TOKEN}: {token}\r\n\r\n".encode()


async def p95_ms(port: int, asked: Asked, clients: int) -> float:
    """As fast as they are answered: the median of some looks."""
    looks = []
    for _ in range(LOOKS):
        latencies = await load.paced(port, asked, requests=REQUESTS, rate=_AS_FAST_AS_ANSWERED, connections=clients)
        looks.append(statistics.quantiles(latencies, n=20)[-1] * 1000)
    return statistics.median(looks)


async def statements(server_port: int, port: int, asked: Asked, log: Path) -> int:
    """Of one request, as the server's own log has them."""
    connection = await asyncpg.connect(host="127.0.0.1", port=server_port, user="postgres", password=PASSWORD, database="postgres")
    try:
        await _log_statements(connection, "all")
        before = len(_said(log))
        await load.run(port, asked, requests=1, connections=1)
        await _log_statements(connection, "none")
        lines = _said(log)[before:]
    finally:
        await connection.close()
    # What the service sends is prepared; what this process says about the log is not.
    return sum(" execute " in line for line in lines)


def _said(log: Path) -> list[str]:
    return log.read_text().splitlines()


async def _log_statements(connection: Any, which: str) -> None:
    await connection.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
    await connection.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(1)


async def measure(server: Any, port: int, pid: int, door: MeshSigner) -> None:
    asked = Asked(door)
    await load.run(port, asked, requests=200, connections=8)
    alone = await p95_ms(port, asked, 1)
    print(f"alone p95 {alone:.1f} ms", flush=True)
    together = await p95_ms(port, asked, 16)
    before, database_before = load.cpu_s(pid), _database_cpu_s(server.pid)
    await load.run(port, asked, requests=REQUESTS, connections=4)
    service_ms = (load.cpu_s(pid) - before) / REQUESTS * 1e3
    database_ms = (_database_cpu_s(server.pid) - database_before) / REQUESTS * 1e3
    newest = await p95_ms(port, Asked(door, "?sort=submitted"), 1)
    count = await statements(server.port, port, asked, FOLDER / "logs" / "postgres.log")
    print(f"by submission p95 {newest:.1f} ms alone", flush=True)
    print(
        f"p95_ms={alone:.1f} p95_16_ms={together:.1f} statements={count} cpu_ms={service_ms + database_ms:.1f} "
        f"service_cpu_ms={service_ms:.1f} database_cpu_ms={database_ms:.1f}"
    )


def _database_cpu_s(server_pid: int) -> float:
    """Of every process of the server that runs now: connections stay open while something is measured."""
    children = Path(f"/proc/{server_pid}/task/{server_pid}/children").read_text().split()
    return sum(load.cpu_s(int(pid)) for pid in children)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        postgres.create_databases(server.port, PASSWORD, {"application": PASSWORD})
        url = postgres.url(server.port, "application", PASSWORD)
        migrate.upgrade("services.application", url)
        keys = Keyring(FOLDER / "keys")
        keys.make()
        began = time.monotonic()
        asyncio.run(fill(server.port))
        print(f"{CASES} cases of {MATTERS} matters in one division, in {time.monotonic() - began:.0f} s", flush=True)
        with (
            served("application", url, keys, FOLDER, bench="tests.bench.worklist") as process,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            door = MeshSigner.from_file("gateway", keys.member_key("gateway"))
            runner.run(measure(server, process.port, process.pid, door))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    serve(ApplicationSettings(), app.create) if sys.argv[1:] == ["serve"] else main()
