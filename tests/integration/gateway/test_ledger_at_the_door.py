"""What comes in at the door and what the ledger says of it afterwards."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.http.client import Disclosure
from chassis.http.signatures import Message, sign
from chassis.working_days import SHANGHAI
from contracts.events.access import DataAccessed
from contracts.headers import DATA_ACCESS
from contracts.values import PersonId
from gateway.ledger import Signing, copies
from gateway.ledger.verification import Trust, verify
from gateway.registry.tables import decisions
from tests.integration.gateway.door import Behind, Door, gateway, register
from tests.support.eventually import eventually
from tests.support.ledger_in_memory import TERMS
from tests.support.service import private_key, published

PERSON = PersonId.new()
SEEN = Disclosure((PERSON,), 3, "account", ("name",)).header()


async def recorded(door: Door) -> list[dict[str, Any]]:
    async with door.database.reading() as session:
        return [orjson.loads(body) for body in await session.scalars(sa.select(decisions.c.body).order_by(decisions.c.id))]


async def asked(door: Door, method: str, path: str, headers: dict[str, str], *, patient: bool) -> None:
    """Over a connection of its own; who is not patient hangs up at a random moment after the request is out."""
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{door.settings.listen_port}", "connection: close", "content-length: 0"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    reader, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(10 if patient else random.random() * 0.02):
            await reader.read()
    writer.close()


async def test_each_request_leaves_one_record_also_when_its_client_hangs_up(door: Door, behind: Behind) -> None:
    behind.answer = lambda path: (200, {DATA_ACCESS: SEEN} if path == "/persons/me" else {}, b"{}")
    await door.decision(await door.call("GET", "/matters", door.bearer(PERSON)))
    before, behind.asked = len(await recorded(door)), []
    ways = [("GET", "/matters"), ("GET", "/persons/me"), ("GET", "/unknown"), ("POST", "/cases/1/decision"), ("GET", "//")]
    requests = [(*ways[number % len(ways)], number % 3 != 0) for number in range(300)]
    room = asyncio.Semaphore(20)

    async def one(method: str, path: str, patient: bool) -> None:
        async with room:
            await asked(door, method, path, door.bearer(PERSON), patient=patient)

    await asyncio.gather(*(one(*each) for each in requests))

    async def have_all() -> bool:
        return len(await recorded(door)) >= before + len(requests)

    await eventually(have_all)
    said = (await recorded(door))[before:]
    assert len(said) == len({each["request_id"] for each in said}) == len(requests)
    assert Counter(each.get("path") or each["route"].split()[1] for each in said) == Counter(path for _, path, _ in requests)
    passed_on = {headers["tongban-request-id"] for _, _, headers, _ in behind.asked}
    # Who hangs up may do so before or after the service was asked.
    assert (
        {each["request_id"] for each in said if each["status"] == 200}
        <= passed_on
        <= {each["request_id"] for each in said if each["upstream"]}
    )
    shown = {each["request_id"] for each in said if "access" in each}
    assert shown == {each.request_id for each in await published(door.database, DataAccessed)}


async def test_what_the_door_wrote_verifies(door: Door, behind: Behind) -> None:
    behind.answer = lambda path: (200, {DATA_ACCESS: SEEN} if path == "/persons/me" else {}, b"{}")
    for path in ("/persons/me", "/matters", "/unknown"):
        answer = await door.call("GET", path, door.bearer(PERSON))
    await door.decision(answer)
    folder = door.settings.ledger_key_file.parent
    await copies.export(door.database.url, folder / "copy", [])
    key = Signing.from_file(door.settings.ledger_key_file)
    report = verify(copies.read(folder / "copy"), Trust([key.public], TERMS, datetime.now(SHANGHAI)))
    assert (report.findings, report.records) == ([], len(await recorded(door)))


async def test_operators_find_decisions_of_a_person_with_what_they_were_decided_by(door: Door, behind: Behind) -> None:
    behind.answer = lambda _: (200, {DATA_ACCESS: SEEN}, b"{}")
    answer = await door.call("GET", "/persons/me", door.bearer(PERSON))
    refused = await door.call("GET", "/unknown", door.bearer(PERSON))
    await door.decision(refused)
    await door.call("GET", "/matters", door.bearer(PersonId.new()))
    path = f"/decisions?person={PERSON}"
    said = (await door.client.get(path, headers=_signed(door, "/decisions", f"person={PERSON}"))).json()["items"]
    assert [each["request_id"] for each in said] == [answer.headers["request-id"], refused.headers["request-id"]]
    assert [(each["kept_as"], each["environment"], each["rule"]) for each in said] == [
        ("personal", "production", None),
        ("other", "production", "registered"),
    ]
    assert list(said[0]["rooms"]) == ["protection", "access", "users", "resources", "authorisation", "portal"]
    assert list(said[1]["rooms"]) == ["protection", "access", "users", "resources"]
    assert {"channel", "scene", "purpose", "facts", "limit", "trace_id", "policy_version"} <= said[0].keys()


def _signed(door: Door, path: str, query: str, kind: str = "operator", officer: str | None = "op-003") -> dict[str, str]:
    headers = {"tongban-operator": officer} if officer else {}
    message = Message("GET", f"127.0.0.1:{door.settings.listen_port}", path, query, headers, b"")
    return {**headers, **sign(message, private_key("party"), key_id=door.parties[kind], created=int(time.time()))}


async def test_the_usage_of_a_party_is_told_by_day_and_resource(door: Door, behind: Behind) -> None:
    behind.answer = lambda path: (200, {DATA_ACCESS: SEEN} if path == "/persons/me" else {}, b"{}")
    for path in ("/matters", "/matters", "/persons/me", "/persons/me"):
        await door.call("GET", path, door.bearer(PERSON))
    answer = await door.call("GET", "/persons/me", door.bearer())
    await door.decision(answer)
    today = datetime.now(SHANGHAI).date()
    query = f"party={door.parties['app']}&from={today - timedelta(days=1)}&to={today}"
    said = (await door.client.get(f"/usage?{query}", headers=_signed(door, "/usage", query))).json()["items"]
    counts = {each["resource"]: (each["requests"], each["granted"], each["refused"], each["personal"]) for each in said}
    assert counts["GET /matters"] == (2, 2, 0, 0)
    assert counts["GET /persons/me"] == (3, 2, 1, 2)
    assert {each["environment"] for each in said} == {"production"}


async def test_a_party_sees_its_own_usage_and_no_other_s(door: Door) -> None:
    await door.decision(await door.call("GET", "/matters", door.bearer()))
    today = datetime.now(SHANGHAI).date()
    query = f"from={today}&to={today}"
    own = await door.client.get(f"/usage/own?{query}", headers=door.bearer())
    assert {each["resource"] for each in own.json()["items"]} >= {"GET /matters"}
    district = await door.client.get(f"/usage/own?{query}", headers=_signed(door, "/usage/own", query, "district", None))
    assert district.json()["items"] == []
    query += f"&party={door.parties['app']}"
    for kind, officer in (("district", "op-003"), ("operator", None), ("operator", "op-001")):
        refused = await door.client.get(f"/usage?{query}", headers=_signed(door, "/usage", query, kind, officer))
        assert refused.status_code == 403, (kind, officer)
    assert (await door.client.get("/usage/own?from=x&to=2026-01-01", headers=door.bearer())).status_code == 422


@pytest.fixture
async def often_sealed(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> AsyncIterator[Door]:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database), ledger_seal_s=0.2) as running:
        yield running


async def test_the_checkpoints_are_those_the_witness_keeps(often_sealed: Door) -> None:
    door = often_sealed
    await door.decision(await door.call("GET", "/matters", door.bearer()))
    file = door.settings.ledger_witness_file

    async def told() -> list[dict[str, Any]]:
        return (await door.signed("operator", "GET", "/ledger/checkpoints", officer="op-003")).json()["items"]

    [first, *_] = await eventually(told)
    lines = await eventually(lambda: file.exists() and file.read_text().splitlines())
    assert orjson.loads(lines[0]) == {"body": first["body"], "signature": first["signature"]}
    assert (await door.signed("district", "GET", "/ledger/checkpoints", officer="op-003")).status_code == 403
