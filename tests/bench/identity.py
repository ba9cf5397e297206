"""CPU of the identity process for each operation, called directly over HTTP: what Keycloak needs milliseconds for.

The process is identity's HTTP deployment as it runs in production, on a PostgreSQL of its own. A phase prepares itself and
says what its requests are; it is warmed up, and then counted over some thousands of requests.
"""

import asyncio
import base64
import os
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import asyncpg
import httpx
import uvloop

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.sealing import Sealer
from contracts.events.gateway import PartyChanged
from contracts.headers import MESH_TOKEN
from contracts.values import Assurance, GrantId, PartyId, PersonId
from deploy.local import postgres
from deploy.local.keys import Keyring
from services.identity import app
from services.identity.domain.clients import Profile, Settings
from services.identity.domain.persons import Person
from services.identity.domain.sign_on import Grant, Session
from services.identity.repository import Clients, Grants, Persons, Sessions
from services.identity.settings import IdentitySettings
from services.identity.tokens.key_ring import KeyRing
from services.identity.tokens.signer import Signed, TokenSigner
from tests.bench import city_codes, load
from tests.bench.alone import serve, served

REQUESTS: Final = int(os.environ.get("REQUESTS", "5000"))
LOOKS: Final = int(os.environ.get("LOOKS", "5"))
WARM_UP: Final = 1000
PASSWORD: Final = "postgres"
SECRET: Final = "s" * 43
ISSUER: Final = "http://city.example"
NEIGHBOURS: Final = ("POPULATION_BASE_URL", "FACE_CHECK_URL", "SMS_URL", "ENTERPRISE_REGISTRY_URL", "EXIT_ENTRY_URL")
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-identity"


@dataclass(frozen=True, slots=True)
class Bench:
    """The running process, its database, and a client that proves itself by `authorization`."""

    port: int
    pid: int
    database: Database
    client: PartyId
    authorization: str
    door: MeshSigner
    sealer: Sealer
    signer: TokenSigner

    def headers(self) -> dict[str, str]:
        """Who calls, as the gateway would say it, good for the next while."""
        facts = CallerFacts("gateway", party_kind="portal", permissions=frozenset({"sign:on"}))
        return {"authorization": self.authorization, MESH_TOKEN: self.door.token(facts, "identity")}

    async def asked(self, path: str, **form: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.post(f"http://127.0.0.1:{self.port}{path}", data=form, headers=self.headers())


Phase = Callable[[Bench], Awaitable[load.Make]]


async def token(bench: Bench) -> load.Make:
    """Client credentials by client_secret_basic, an ES256 access token."""
    body = urlencode({"grant_type": "client_credentials"}).encode()
    return lambda _: load.post("/token", body, **bench.headers())


async def introspect_own(bench: Bench) -> load.Make:
    """The client's own token, which stands on nothing that could end."""
    held = (await bench.asked("/token", grant_type="client_credentials")).json()["access_token"]
    return await _introspecting(bench, held)


async def introspect(bench: Bench) -> load.Make:
    """A person's token, as resource servers are shown it: it holds while its sign-on and its grant do."""
    at = SystemClock().now()
    person = Person(PersonId.new(), None, None, None, Assurance.REAL_PERSON, at)
    sign_on = Session.opened(person.id, "pwd", assurance=Assurance.REAL_PERSON, at=at)
    grant = Grant(GrantId.new(), sign_on.id, bench.client, "openid", at)
    async with bench.database.transaction() as session:
        await Persons(session, bench.sealer).add(person)
        await Sessions(session).add(sign_on, "bench")
        await Grants(session).add(grant)
    await bench.signer.keys.freshen()
    signed = Signed(sign_on, grant.id, sign_on.level(at))
    said = {"subject": person.id, "subject_type": "person", "client_id": bench.client, "scope": grant.scope}
    return await _introspecting(bench, bench.signer.access_token(**said, at=at, signed=signed))


async def _introspecting(bench: Bench, held: str) -> load.Make:
    assert (await bench.asked("/introspect", token=held)).json()["active"]
    body = urlencode({"token": held}).encode()
    return lambda _: load.post("/introspect", body, **bench.headers())


PHASES: Final[dict[str, Phase]] = {"token": token, "introspect_own": introspect_own, "introspect": introspect}
"""By the name under which each is printed, in that order."""


async def measure(bench: Bench, phase: Phase) -> float:
    """Microseconds of CPU for one request: the median of several looks."""
    make = await phase(bench)
    await load.run(bench.port, make, requests=WARM_UP)
    looks = []
    for _ in range(LOOKS):
        before, began = load.cpu_s(bench.pid), time.monotonic()
        await load.run(bench.port, make, requests=REQUESTS)
        spent, took = load.cpu_s(bench.pid) - before, time.monotonic() - began
        looks.append(spent / REQUESTS * 1e6)
        print(f"  {REQUESTS} requests in {took:.1f} s, {looks[-1]:.0f} us of CPU each", flush=True)
    return statistics.median(looks)


async def prepare(url: str) -> PartyId:
    """A client with a secret, as the gateway and an operator would have told of it."""
    client, at = PartyId.new(), SystemClock().now()
    database = Database(url)
    async with database.transaction() as session:
        clients = Clients(session)
        await clients.put(PartyChanged(party_id=client, name="bench", kind="app", status="active", changed_at=at))
        settings = Settings(profile=Profile.CONFIDENTIAL, auth_method="client_secret_basic")
        await clients.set_up(client, settings, by="bench", at=at)
        await clients.add_secret(client, SECRET, at)
    await database.close()
    return client


async def _create(port: int) -> str:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=PASSWORD)
    await connection.execute("CREATE DATABASE identity")
    await connection.close()
    return f"postgresql+asyncpg://postgres:{PASSWORD}@127.0.0.1:{port}/identity"


async def _all(port: int, pid: int, url: str, client: PartyId, keys: Keyring) -> dict[str, float]:
    database = Database(url)
    authorization = "Basic " + base64.b64encode(f"{client}:{SECRET}".encode()).decode()
    door, files = MeshSigner.from_file("gateway", keys.member_key("gateway")), keys.settings()
    sealer = Sealer.from_file(Path(files["IDENTITY_DATA_KEY_FILE"]))
    ring = KeyRing.from_file(database, sealer, SystemClock(), Path(files["IDENTITY_SIGNING_KEY_FILE"]))
    bench = Bench(port, pid, database, client, authorization, door, sealer, TokenSigner(ISSUER, ring))
    figures = {}
    for name, phase in PHASES.items():
        print(name, flush=True)
        figures[name] = await measure(bench, phase)
    await database.close()
    return figures


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    cluster = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        url = asyncio.run(_create(cluster.port))
        migrate.upgrade("services.identity", url)
        client = asyncio.run(prepare(url))
        keys = Keyring(FOLDER / "keys")
        keys.make()
        with (
            served(
                "identity",
                url,
                keys,
                FOLDER,
                bench="tests.bench.identity",
                PUBLIC_URL=ISSUER,
                **dict.fromkeys(NEIGHBOURS, "http://127.0.0.1:1"),
            ) as process,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            figures = runner.run(_all(process.port, process.pid, url, client, keys))
    finally:
        cluster.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    # Each use of a code is told to others, so that its cost is that of a whole mesh.
    print("code", flush=True)
    figures["code"] = city_codes.median_us()
    print(f"introspect_own_cpu_us={figures.pop('introspect_own'):.0f}")
    print(" ".join(f"{name}_cpu_us={figure:.0f}" for name, figure in figures.items()))


if __name__ == "__main__":
    serve(IdentitySettings(), app.create) if sys.argv[1:] == ["serve"] else main()
