"""Search, guide and list of a catalogue of 2,500 matters in 17 divisions: p95, CPU of the service and of PostgreSQL, and how
well the test set is served.

The service is the catalogue's HTTP deployment as it runs in production, on a PostgreSQL of its own, filled by its own imports.
The seed is scored first; then variants of its matters fill it up. Requests come paced, at a rate that the process is not full at,
for the latencies, and as fast as they are answered, for the CPU.
"""

import asyncio
import functools
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import uvloop

from chassis.database import Database, migrate
from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.headers import MESH_TOKEN
from contracts.permissions import Permission
from contracts.values import OfficerId, PartyId
from deploy.local import postgres, seed
from deploy.local.keys import Keyring
from services.catalogue import app
from services.catalogue.repository.search import SearchIndex
from services.catalogue.settings import CatalogueSettings
from tests.bench import load
from tests.bench.alone import serve, served
from tests.support import searching

MATTERS: Final = int(os.environ.get("MATTERS", "2500"))
REQUESTS: Final = int(os.environ.get("REQUESTS", "3000"))
LOOKS: Final = int(os.environ.get("LOOKS", "3"))
RATE: Final = float(os.environ.get("RATE", "60"))
PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-catalogue"
_AT_ONCE: Final = 100
_SITUATIONS: Final = ("首次", "变更", "延续", "补证", "注销")
_FIRST_SPARE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Bench:
    """The running process and its database's server, by their ids, and the key of the door."""

    port: int
    pid: int
    server_pid: int
    door: MeshSigner
    facts: CallerFacts

    def token(self) -> str:
        return self.door.token(self.facts, "catalogue")

    def database_cpu_s(self) -> float:
        """Of every process of the server that runs now: connections stay open while something is measured."""
        children = Path(f"/proc/{self.server_pid}/task/{self.server_pid}/children").read_text().split()
        return sum(load.cpu_s(int(pid)) for pid in children)

    def asking(self, paths: Sequence[str]) -> load.Make:
        """The paths in turn, with a token that is made anew before it ends."""

        @functools.lru_cache(1)
        def headers(_moment: int) -> str:
            return f"HTTP/1.1\r\nhost: catalogue\r\n{MESH_TOKEN}: {self.token()}\r\n\r\n"

        return lambda number: f"GET {paths[number % len(paths)]} {headers(int(time.monotonic()))}".encode()


def grown(document: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Documents with matters that the seed does not have: a named matter in a situation, done in all divisions."""
    offices = _one_office_each(document["agencies"])
    patterns = document["matters"]
    for begin in range(0, count, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, count))
        yield {"matters": [_variant(patterns[number % len(patterns)], number, len(patterns), offices) for number in numbers]}


def _one_office_each(agencies: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Division → one of its agencies."""
    return {each["division"]: each["code"] for each in reversed(agencies) if not each.get("area")}


def _variant(pattern: dict[str, Any], number: int, patterns: int, offices: dict[str, str]) -> dict[str, Any]:
    situation = _SITUATIONS[number // patterns % len(_SITUATIONS)]
    code = f"{pattern['basic_code'][:4]}{_FIRST_SPARE + number:05d}000"
    implementations = [
        {"task_code": f"{office}{2 if division.endswith('0000') else 4}{code}"} for division, office in sorted(offices.items())
    ]
    name = f"{pattern['name']}（{situation}{number // patterns // len(_SITUATIONS) or ''}）"
    return {**pattern, "basic_code": code, "name": name, "level": 2, "aliases": [], "implementations": implementations}


async def fill(bench: Bench, documents: Iterator[dict[str, Any]]) -> str:
    """Import by two officers, as the department does; in how many seconds."""
    began, service, database = time.monotonic(), load.cpu_s(bench.pid), bench.database_cpu_s()
    async with httpx.AsyncClient(timeout=120) as client:
        for document in documents:
            waiting = await _asked(client, bench, "/matters/imports", document, "db-001")
            review = {"digest": waiting["digest"], "outcome": "publish"}
            await _asked(client, bench, f"/matters/imports/{waiting['id']}/review", review, "db-002")
    took, service, database = time.monotonic() - began, load.cpu_s(bench.pid) - service, bench.database_cpu_s() - database
    return f"{took:.1f} s, {service:.1f} s of CPU in the service, {database:.1f} s in the database"


async def _asked(client: httpx.AsyncClient, bench: Bench, path: str, body: dict[str, Any], officer: str) -> dict[str, Any]:
    token = bench.door.token(replace(bench.facts, officer=OfficerId(officer)), "catalogue")
    answer = await client.post(f"http://127.0.0.1:{bench.port}{path}", json=body, headers={MESH_TOKEN: token})
    assert answer.status_code == 200, answer.text[:500]
    said: dict[str, Any] = answer.json()
    return said


async def scored(bench: Bench) -> dict[str, float]:
    served = {}
    async with httpx.AsyncClient(timeout=30) as client:
        for query in searching.queries():
            path = f"/matters/search?{urlencode({'q': query.query})}"
            answer = await client.get(f"http://127.0.0.1:{bench.port}{path}", headers={MESH_TOKEN: bench.token()})
            served[query.query] = query.is_served([each["name"] for each in answer.json()["items"]])
    return searching.shares(served)


async def measure(bench: Bench, name: str, paths: Sequence[str]) -> float:
    """p95 in milliseconds; prints it with the CPU of both processes."""
    make = bench.asking(paths)
    await load.run(bench.port, make, requests=len(paths), connections=4)
    service_us, database_us, p95s = [], [], []
    for _ in range(LOOKS):
        before, database_before = load.cpu_s(bench.pid), bench.database_cpu_s()
        await load.run(bench.port, make, requests=REQUESTS, connections=4)
        service_us.append((load.cpu_s(bench.pid) - before) / REQUESTS * 1e6)
        database_us.append((bench.database_cpu_s() - database_before) / REQUESTS * 1e6)
        latencies = await load.paced(bench.port, make, requests=max(600, int(RATE * 10)), rate=RATE, connections=8)
        p95s.append(statistics.quantiles(latencies, n=20)[-1] * 1000)
    service, database, p95 = (statistics.median(each) for each in (service_us, database_us, p95s))
    print(
        f"{name:12} p95 {p95:6.2f} ms at {RATE:.0f}/s   service {service:6.0f} us, database {database:6.0f} us of CPU each: "
        f"{1e6 / (service + database):6.0f} per CPU second",
        flush=True,
    )
    return p95


async def _all(bench: Bench, url: str) -> None:
    document = seed.document()
    began = await fill(bench, iter([document]))
    print(f"the seed: {len(document['matters'])} matters in {began}", flush=True)
    lacking = searching.missing(each["name"] for each in document["matters"])
    database = Database(url)
    async with database.transaction() as session:
        await SearchIndex(session).put_entries(lacking)
    await database.close()
    print(f"expected by the test set and in no document: {len(lacking)}", flush=True)
    await asyncio.sleep(CatalogueSettings.model_fields["search_fresh_for_s"].default)
    shares = await scored(bench)
    took = await fill(bench, grown(document, MATTERS - len(document["matters"])))
    print(f"filled up to {MATTERS} matters in {took}; 17 divisions", flush=True)
    await asyncio.sleep(1)
    asked = [each.query for each in searching.queries()]
    divisions = [each["code"] for each in document["divisions"]]
    task_codes = [each["task_code"] for matter in document["matters"][:200] for each in matter["implementations"][:1]]
    p95 = await measure(
        bench, "search", [f"/matters/search?{urlencode({'q': each, 'division': divisions[at % 17]})}" for at, each in enumerate(asked)]
    )
    await measure(bench, "places", [f"/matters?{urlencode({'q': each})}" for each in asked])
    await measure(bench, "suggestions", [f"/matters/suggestions?{urlencode({'q': each[:3]})}" for each in asked])
    await measure(bench, "guide", [f"/matters/{each}" for each in task_codes])
    await measure(bench, "list", [f"/matters?{urlencode({'division': each, 'one_each': True, 'after': 20})}" for each in divisions])
    print(" ".join(f"{group}={shares[group]:.3f}" for group in ("exact", *searching.GROUPS)))
    print(f"search_p95_ms={p95:.2f} search_score={shares['all']:.3f} held_out={shares['held_out']:.3f}")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        postgres.create_databases(server.port, PASSWORD, {"catalogue": PASSWORD})
        url = postgres.url(server.port, "catalogue", PASSWORD)
        migrate.upgrade("services.catalogue", url)
        keys = Keyring(FOLDER / "keys")
        keys.make()
        with (
            served("catalogue", url, keys, FOLDER, bench="tests.bench.catalogue") as process,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            door = MeshSigner.from_file("gateway", keys.member_key("gateway"))
            facts = CallerFacts("gateway", party=PartyId.new(), party_kind="department", permissions=frozenset(map(str, Permission)))
            runner.run(_all(Bench(process.port, process.pid, server.pid, door, facts), url))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    serve(CatalogueSettings(), app.create) if sys.argv[1:] == ["serve"] else main()
