"""Keys change twice under load: nobody notices, and nothing is left under a key that is gone."""

import asyncio
import base64
import itertools
import os
import re
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from chassis.sealing import Ring
from contracts.values.checks import resident_check
from deploy.client import AppClient, SignedIn
from deploy.local import mesh as local
from deploy.local import rotation
from deploy.local.install import ROOT
from deploy.local.journey import parties
from deploy.local.journey.config import Config, Person, people
from deploy.local.journey.context import Journey
from deploy.local.journey.narrator import Narrator
from deploy.local.mesh import PACKAGES, Mesh
from deploy.local.pictures import png
from deploy.local.sandbox import population
from tests.support import run_wide
from tests.support.eventually import eventually
from tests.support.listening import listening
from tests.support.whole_mesh import rows

PASSWORD = "correct-horse-battery-通办"
TASK = "310101"
WORKERS = 2


def _crowd() -> Iterator[Person]:
    """More people than the sandbox has, each known to the population base."""
    model = people()[0]
    for number in itertools.count(1):
        start = f"319999{19600101 + number % 28}{number:03d}"
        resident = start + resident_check(start)
        person = Person(
            "示例·众",
            resident,
            f"137{number:08d}",
            f"SS{number}",
            f"DL{number}",
            f"PF{number}",
            f"face-{number}",
            model.division,
            model.address,
        )
        population.PEOPLE[resident] = asdict(person)
        yield person


@pytest.fixture
async def busy_mesh(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mesh]:
    async with listening(population.app) as url:
        monkeypatch.setenv("POPULATION_BASE_URL", url)
        monkeypatch.setenv("FACE_CHECK_URL", url)
        made = local.temporary(run_wide.run_folder() / "rotated", durable=False, with_zipkin=False)
        mesh = await asyncio.to_thread(made.__enter__)
        try:
            yield mesh
        finally:
            await asyncio.to_thread(made.__exit__, None, None, None)


class Failed(Exception):
    pass


@dataclass
class Load:
    """People who come, become known, apply and come back, as fast as they are served. `done` counts whole visits."""

    mesh: Mesh
    app: AppClient
    window: Any
    task_code: str
    crowd: Iterator[Person] = field(default_factory=_crowd)
    known: list[tuple[Person, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopping: bool = False
    requests: int = 0

    def said(self, answer: httpx.Response, status: int) -> Any:
        self.requests += 1
        if answer.status_code != status:
            raise Failed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else None

    def browser(self) -> AppClient:
        """The app, in a browser of its own."""
        return AppClient(self.mesh.gateway_url, self.app._client_id, self.app._key.as_pem(private=True), parties.REDIRECT)

    async def work(self) -> None:
        while not self.stopping:
            try:
                person = next(self.crowd)
                async with self.browser() as app:
                    self.known.append((person, await self.visit(app, person)))
                await self.come_back(*secrets.choice(self.known))
            except Exception as failure:  # noqa: BLE001 (whatever it is, it is a failed request)
                self.failures.append(repr(failure))

    async def visit(self, app: AppClient, person: Person) -> str:
        """Register, sign on, show the face, sign on again, apply; the number of the case."""
        self.said(await app.post("/sms-codes", json={"phone": person.phone}), 202)
        async with httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False) as anybody:
            messages = (await anybody.get(f"{self.mesh.url('sms')}/messages", params={"phone": person.phone})).json()
        code = re.search(r"\b[0-9]{6}\b", messages[-1]["text"])
        assert code
        body = {
            "name": person.name, "resident_id": person.resident_id, "phone": person.phone, "sms_code": code.group(),
            "second_proof": {"kind": "social_security", "number": person.social_security},
            "password": PASSWORD, "accepts_agreement": True,
        }  # fmt: skip
        self.said(await app.post("/registrations", json=body), 201)
        signed_in = await self.signed_in(app, person)
        capture = base64.b64encode(person.face.encode()).decode()
        self.said(await signed_in.post("/persons/me/verifications", json={"method": "face", "capture": capture}), 200)
        return await self.apply(await self.signed_in(app, person), person)

    async def signed_in(self, app: AppClient, person: Person, username: str = "") -> SignedIn:
        signed_in = await app.sign_in(username or person.phone, PASSWORD)
        self.requests += 4
        me = self.said(await signed_in.get("/persons/me"), 200)
        assert me["name"] == person.name
        return signed_in

    async def apply(self, citizen: SignedIn, person: Person) -> str:
        form = self.said(await citizen.get(f"/matters/{self.task_code}/form"), 200)
        stored = self.said(await citizen.post("/files", content=png(120, 120), media_type="image/png"), 201)
        body = {
            "task_code": self.task_code,
            "version": form["version"],
            "values": {
                "address": person.address,
                "dog_name": "豆包",
                "dog_breed": "柯基",
                "dog_colour": "黄白",
                "vaccinated_on": "2026-10-08",
            },
            "materials": [
                {"code": "identity-card", "file_id": stored["file_id"], "because": "holder_prefers"},
                {"code": "vaccination-proof", "file_id": stored["file_id"]},
                {"code": "home-proof", "commitment": True},
            ],
        }
        case = self.said(await citizen.post("/cases", json=body, idempotency_key=f"k-{secrets.token_hex(12)}"), 201)
        return str(case["number"])

    async def come_back(self, person: Person, number: str) -> None:
        async with self.browser() as app:
            citizen = await self.signed_in(app, person, secrets.choice([person.phone, person.resident_id]))
            self.said(await citizen.get(f"/cases/{number}"), 200)
            self.said(await citizen.get("/certificates"), 200)
        dossier = self.said(await self.window.get(f"/cases/{number}/dossier"), 200)
        assert {each["value"] for each in dossier["values"]} >= {person.name, "豆包"}


@asynccontextmanager
async def _loaded(mesh: Mesh, folder: Path) -> AsyncIterator[Load]:
    async with AsyncExitStack() as stack:
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        journey = Journey(Config.read(mesh.journey_config()), people()[0], Narrator(print), anybody, folder, lambda _: None)
        registered = await parties.register(journey, stack)
        found = (await registered.window.get("/matters", params={"q": "养犬", "division": people()[0].division})).json()["items"]
        load = Load(mesh, registered.app, registered.window, found[0]["task_code"])
        workers = [asyncio.create_task(load.work()) for _ in range(WORKERS)]
        try:
            yield load
        finally:
            load.stopping = True
            await asyncio.gather(*workers)


async def _more(load: Load, visits: int) -> None:
    wanted = len(load.known) + visits
    await eventually(lambda: len(load.known) >= wanted or load.failures, within=120)
    assert load.failures == []


async def _reseal_and_die(mesh: Mesh, name: str) -> None:
    """The resealing of one service, killed as soon as it has brought some rows over."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chassis.sealing.rotation", "reseal", PACKAGES[name], "--rest", "1000",
        cwd=ROOT, env=mesh.environment(name), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    old = [b"\x01\x00\x00\x00\x02"]

    async def is_half_way() -> bool:
        return "cases.form" not in await _left_under(mesh, name, old)

    await eventually(is_half_way, within=60)
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    assert "files.content" in await _left_under(mesh, name, old)


async def _left_under(mesh: Mesh, name: str, prefixes: list[bytes]) -> list[str]:
    """Columns in which something begins like what these keys sealed, in bytes or as a message in hexadecimal."""
    columns = await rows(
        mesh, name, "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type IN ('bytea', 'text')",
    )  # fmt: skip
    left = []
    for table, column, kind in columns:
        shown = f"encode(\"{column}\", 'hex')" if kind == "bytea" else f'"{column}"'
        for prefix in prefixes:
            [[count]] = await rows(mesh, name, f'SELECT count(*) FROM "{table}" WHERE starts_with({shown}, $1)', prefix.hex())
            left += [f"{table}.{column}"] * bool(count)
    return left


@pytest.mark.timeout(600)
async def test_keys_change_under_load_and_nobody_notices(busy_mesh: Mesh, tmp_path: Path) -> None:
    rings = {place.name: place.ring_file for place in rotation.of(busy_mesh, print).places}
    first = {name: Ring.read(file).current for name, file in rings.items()}
    async with _loaded(busy_mesh, tmp_path) as load:
        await _more(load, 2)
        done = await rotation.of(busy_mesh, print).run()
        print(done)
        assert all(done[table] >= 2 for table in ("identity.persons", "application.cases", "application.files"))
        await _more(load, 1)

        second = rotation.of(busy_mesh, print)
        await second.add()
        await second.wait()
        await second.promote()
        await second.wait()
        await _reseal_and_die(busy_mesh, "application")
        await _more(load, 1)
        done = await rotation.of(busy_mesh, print).run()
        await _more(load, 1)
    print(f"{len(load.known)} visits, {load.requests} requests")
    assert load.failures == []
    refused = await rows(busy_mesh, "gateway", "SELECT body FROM decisions WHERE CAST(body::json ->> 'status' AS integer) >= 500")
    assert refused == []

    gone = [b"\x01\x00\x00\x00\x01", b"\x01\x00\x00\x00\x02"]
    for name, file in rings.items():
        assert [(key.id, key.state) for key in Ring.read(file).keys] == [(3, "current")]
        assert first[name].secret.hex() not in file.read_text()
        assert await _left_under(busy_mesh, name, gone) == []
        assert await _left_under(busy_mesh, name, [b"\x01\x00\x00\x00\x03"]) or name in {"certificate", "rating"}
    async with _loaded(busy_mesh, tmp_path / "again") as again:
        again.stopping = True
        for person, number in load.known[:2] + load.known[-2:]:
            await again.come_back(person, number)
