"""What one online verification of a city code costs the identity process, over HTTP and with its use on disk.

Codes of one person are issued through the API, then each is verified once by an admitted party. The load comes from this
process; identity's CPU is read from /proc over thousands of verifications, PostgreSQL's beside it.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
import uvloop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.sealing import Sealer
from contracts.headers import MESH_TOKEN
from contracts.permissions import Permission
from contracts.values import Assurance, Document, DocumentType, OfficerId, PartyId, PersonId, PersonName, Phone, ResidentId, SessionId
from deploy.local import mesh as local
from deploy.local.mesh import Mesh
from deploy.local.sandbox import population
from deploy.local.status import ticks
from services.identity.commands.registration import held
from services.identity.domain.persons import Person
from services.identity.repository import Persons
from services.identity.tables import city_codes, documents, persons

CODES = int(os.environ.get("CODES", "3000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WARM_UP = 500
CONNECTIONS = 16
SCENE = "culture"
FOLDER = Path(__file__).parents[2] / ".tongban" / "bench-city-codes"

_TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
_PERMISSIONS = frozenset(permission.value for permission in Permission)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU microseconds of one verification, and how many a second went through."""

    identity_us: float
    postgres_us: float
    per_s: float


class Desk:
    """Talks to identity as the gateway does, on connections of its own."""

    def __init__(self, mesh: Mesh, http: aiohttp.ClientSession, person: PersonId) -> None:
        self._url = mesh.url("identity")
        self._signer = MeshSigner("gateway", (mesh.folder / "keys" / "gateway.pem").read_bytes())
        self._http = http
        party = {"party": PartyId.new(), "permissions": _PERMISSIONS}
        self._holder = CallerFacts("gateway", **party, party_kind="app", person=person, assurance=3, session=SessionId.new())
        self._operator = CallerFacts("gateway", **party, party_kind="operator", officer=OfficerId("qx-001"))
        self._verifier = CallerFacts("gateway", **party, party_kind="app")

    async def admit(self) -> None:
        await self._ask("PUT", f"/city-code-scenes/{SCENE}/verifiers/{self._verifier.party}", self._operator, 200)

    async def issue(self) -> str:
        return str((await self._ask("POST", "/city-codes", self._holder, 201, {"scene": SCENE}))["code"])

    async def verify(self, code: str) -> None:
        await self._ask("POST", "/city-codes/verifications", self._verifier, 200, {"code": code, "scene": SCENE})

    async def _ask(self, method: str, path: str, facts: CallerFacts, status: int, said: Any = None) -> Any:
        headers = {MESH_TOKEN: self._signer.token(facts, "identity")}
        async with self._http.request(method, f"{self._url}{path}", json=said, headers=headers) as answer:
            found = await answer.json()
            assert answer.status == status, found
            return found


async def measure(mesh: Mesh) -> list[Cost]:
    """One cost a round, on a running mesh of one's own."""
    database = Database(mesh.database_url("identity"))
    sealer = Sealer.from_file(mesh.folder / "keys" / "identity-data.key")
    person = await _newcomer(database, sealer)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as http:
            desk = Desk(mesh, http, person)
            await desk.admit()
            await _at_once([await desk.issue() for _ in range(WARM_UP)], desk.verify)
            return [await _round(mesh, desk) for _ in range(ROUNDS)]
    finally:
        async with database.transaction() as session:
            await session.execute(sa.delete(city_codes).where(city_codes.c.person_id == person))
            await session.execute(sa.delete(documents).where(documents.c.person_id == person))
            await session.execute(sa.delete(persons).where(persons.c.id == person))
        await database.close()


async def _newcomer(database: Database, sealer: Sealer) -> PersonId:
    """Somebody of the sandbox, known as a real person without its face check."""
    [*_, said] = population.PEOPLE.values()
    number, at = ResidentId(said["resident_id"]), SystemClock().now()
    card = held(Document(DocumentType.RIC, number), at=at)
    name = PersonName(said["name"])
    person = Person(PersonId.new(), name, Phone("13800000099"), "", Assurance.REAL_PERSON, at, documents=(card,))
    async with database.transaction() as session:
        await Persons(session, sealer).add(person)
    return person.id


async def _round(mesh: Mesh, desk: Desk) -> Cost:
    codes: list[str] = []

    async def issue(_: str) -> None:
        codes.append(await desk.issue())

    await _at_once([""] * CODES, issue)
    running = mesh.running()
    identity, postgres = running["identity"], running["postgres"]
    assert identity is not None
    assert postgres is not None
    before, started = (ticks(identity), ticks(postgres)), time.monotonic()
    await _at_once(codes, desk.verify)
    passed_s = time.monotonic() - started
    spent = (ticks(identity) - before[0], ticks(postgres) - before[1])
    return Cost(*(each * _TICK_US / CODES for each in spent), CODES / passed_s)


async def _at_once(codes: list[str], work: Callable[[str], Awaitable[None]]) -> None:
    """Every code once, on all connections."""
    waiting = iter(codes)

    async def worker() -> None:
        for code in waiting:
            await work(code)

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


def verify_us() -> float:
    """What this machine needs for the signature alone: what else is measured here is read against it."""
    key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(SHA256())
    signature, public = key.sign(b"code", algorithm), key.public_key()
    started = time.process_time()
    for _ in range(2000):
        public.verify(signature, b"code", algorithm)
    return (time.process_time() - started) / 2000 * 1e6


def median_us() -> float:
    """Of identity's CPU for one verification, on a mesh that lives for this."""
    with local.temporary(FOLDER, with_zipkin=False) as mesh:
        costs = uvloop.run(measure(mesh))
    for cost in costs:
        print(f"  identity {cost.identity_us:.0f} us, PostgreSQL {cost.postgres_us:.0f} us a verification, {cost.per_s:.0f} a second")
    return statistics.median(cost.identity_us for cost in costs)


def main() -> None:
    print(f"one ES256 verification alone: {verify_us():.0f} us")
    print(f"code_cpu_us={median_us():.0f}")


if __name__ == "__main__":
    main()
