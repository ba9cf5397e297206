"""The manners every service has, on a real socket and a real database: strict input, honest commits, one effect a key."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import sqlalchemy as sa
import structlog
from fastapi import Response
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import Field

from chassis import process
from chassis.clock import FixedClock
from chassis.database import Database as DatabaseOfService
from chassis.database import WriteSession
from chassis.errors import Unavailable
from chassis.forgetting import Kept, forgetting
from chassis.http import Audience, Caller, CallerFacts, Database, Once, Router, build_app, guard
from chassis.http.idempotency import KEYS
from chassis.http.mesh_token import MeshSigner
from contracts.headers import MESH_TOKEN
from contracts.permissions import Permission
from contracts.strict import Answer, Count, Line, Model
from contracts.values import PartyId
from deploy.local.running import free_port
from gateway.settings import GatewaySettings
from tests.support.eventually import eventually
from tests.support.service import private_key, settings_of
from tests.support.station import running


class Order(Model):
    name: Line
    count: Count
    price: Annotated[float, Field(ge=0)] = 0.0
    note: Any = None


class Ordered(Answer):
    number: int


router = Router()
_GUARD = guard(Permission.CASE_SUBMIT, audience=Audience.PARTY)


@router.post("/orders", status_code=201, response_model=Ordered, **_GUARD)
async def order(body: Order, database: Database) -> Ordered:
    async with database.transaction() as session:
        inserted = await session.execute(
            sa.text("INSERT INTO orders (name, note) VALUES (:name, CAST(:note AS jsonb)) RETURNING id"), _row(body)
        )
        number = inserted.scalar_one()
    return Ordered(number=number)


@router.post("/orders-once", status_code=201, response_model=Ordered, **_GUARD)
async def order_once(body: Order, caller: Caller, once: Once) -> Response:
    async def work(session: Any) -> Ordered:
        inserted = await session.execute(
            sa.text("INSERT INTO orders (name, note) VALUES (:name, CAST(:note AS jsonb)) RETURNING id"), _row(body)
        )
        if body.name == "crash":
            raise RuntimeError("the process dies here")
        if body.name == "slow":
            started.set()
            await release.wait()
        return Ordered(number=inserted.scalar_one())

    return await once.answer(work, status=201)


def _row(body: Order) -> dict[str, Any]:
    return {"name": body.name, "note": json.dumps(body.note)}


started, release = asyncio.Event(), asyncio.Event()
FACTS = CallerFacts("gateway", PartyId.new(), "app", permissions=frozenset({"case:submit"}))


class Shop:
    def __init__(self, port: int, database: DatabaseOfService, client: httpx.AsyncClient) -> None:
        self.port, self.database, self._client = port, database, client

    async def post(self, path: str, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        token = MeshSigner("gateway", private_key("gateway")).token(FACTS, "gateway")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._client.post(
            path, content=content, headers={"content-type": "application/json", MESH_TOKEN: token, **(headers or {})}
        )

    async def names(self) -> list[str]:
        async with self.database.reading() as session:
            return list((await session.execute(sa.text("SELECT name FROM orders ORDER BY id"))).scalars())


@pytest.fixture
async def shop(database_of: Callable[[str], DatabaseOfService], tmp_path: Path, clock: FixedClock) -> AsyncIterator[Shop]:
    database = database_of("gateway.registry")
    async with database.transaction() as session:
        await session.execute(sa.text("CREATE TABLE allowed (name text PRIMARY KEY)"))
        await session.execute(
            sa.text(
                "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, note jsonb, "
                "refused text GENERATED ALWAYS AS (CASE WHEN name = 'refused at commit' THEN name END) STORED "
                "REFERENCES allowed DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    settings = settings_of(GatewaySettings, database, tmp_path, listen_port=free_port())
    app = build_app(settings, router, database=database, clock=clock)
    started.clear()
    release.clear()
    # The default rendering of a traceback takes seconds.
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    url = f"http://127.0.0.1:{settings.listen_port}"
    async with running(process.serve(app, settings).main), httpx.AsyncClient(base_url=url, trust_env=False) as client:

        async def is_live() -> bool:
            try:
                return (await client.get("/health/ready")).status_code == 200
            except httpx.ConnectError:
                return False

        await eventually(is_live)
        yield Shop(settings.listen_port, database, client)
    async with database.transaction() as session:
        await session.execute(sa.text("DROP TABLE orders"))
        await session.execute(sa.text("DROP TABLE allowed"))
    structlog.reset_defaults()


GOOD = b'{"name":"SECRET","count":1}'
BAD: dict[str, tuple[bytes, int]] = {
    "NUL in text": (b'{"name":"SECRET\\u0000","count":1}', 422),
    "raw NUL in text": (b'{"name":"SECRET\x00","count":1}', 400),
    "NUL in jsonb": (b'{"name":"SECRET","count":1,"note":"\\u0000"}', 422),
    "NUL in a name in jsonb": (b'{"name":"SECRET","count":1,"note":{"\\u0000":1}}', 422),
    "lone surrogate, escaped": (b'{"name":"SECRET\\ud800","count":1}', 400),
    "lone surrogate in jsonb": (b'{"name":"SECRET","count":1,"note":["\\udfff"]}', 400),
    "lone surrogate, raw": (b'{"name":"SECRET\xed\xa0\x80","count":1}', 400),
    "lone surrogate at the top": (b'"SECRET\\ud800"', 422),
    "NaN": (b'{"name":"SECRET","count":1,"price":NaN}', 400),
    "Infinity": (b'{"name":"SECRET","count":1,"price":-Infinity}', 400),
    "1e999": (b'{"name":"SECRET","count":1,"price":1e999}', 400),
    "30 digits": (b'{"name":"SECRET","count":111111111111111111111111111111}', 400),
    "19 digits": (b'{"name":"SECRET","count":1111111111111111111}', 422),
    "100 digits in a string": (b'{"name":"SECRET","count":"' + b"1" * 100 + b'"}', 422),
    "5000 digits": (b'{"name":"SECRET","count":' + b"1" * 5000 + b"}", 400),
    "duplicate names": (b'{"name":"SECRET","name":"b","count":1}', 400),
    "UTF-16": ('{"name":"SECRET","count":1}'.encode("utf-16"), 400),
    "UTF-32": ('{"name":"SECRET","count":1}'.encode("utf-32-be"), 400),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, 400),
    "true as integer": (b'{"name":"SECRET","count":true}', 422),
    "1.0 as integer": (b'{"name":"SECRET","count":1.0}', 422),
    "text as integer": (b'{"name":"SECRET","count":"1"}', 422),
    "deep nesting": (b'{"name":"SECRET","count":1,"note":' + b"[" * 33 + b"]" * 33 + b"}", 400),
    "very deep nesting": (b"[" * 100_000 + b"]" * 100_000, 400),
    "unknown field": (b'{"name":"SECRET","count":1,"SECRET":1}', 422),
    "empty": (b"", 422),
    "not JSON": (b"SECRET", 400),
    "a list": (b'["SECRET"]', 422),
    "null": (b"null", 422),
    "control": (b'{"name":"SECRET\\u0007","count":1}', 422),
    "bidirectional override": (b'{"name":"SECRET\\u202e","count":1}', 422),
    "too large": (b'{"name":"SECRET' + b"x" * 1_200_000 + b'","count":1}', 413),
}


async def test_no_bad_body_is_ever_more_than_the_client_s_mistake(shop: Shop) -> None:
    wrong = {}
    for name, (body, status) in BAD.items():
        answer = await shop.post("/orders", body)
        is_right = answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
        problem = answer.json() if is_right else {}
        if not is_right or "SECRET" in answer.text.replace('"body.SECRET"', "") or problem["status"] != status:
            wrong[name] = (answer.status_code, answer.text[:200])
    assert wrong == {}
    assert await shop.names() == []
    assert (await shop.post("/orders", GOOD)).status_code == 201


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
async def test_json_has_to_say_that_it_is_json(shop: Shop, media_type: str) -> None:
    answer = await shop.post("/orders", GOOD, {"content-type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_a_body_that_grows_over_the_limit_unannounced_is_refused(shop: Shop) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 65_536

    token = MeshSigner("gateway", private_key("gateway")).token(FACTS, "gateway")
    answer = await shop._client.post("/orders", content=chunks(), headers={"content-type": "application/json", MESH_TOKEN: token})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_a_commit_that_fails_is_not_answered_as_done(shop: Shop) -> None:
    """In process the order of commit and answer cannot be seen; over a socket it can."""
    answer = await shop.post("/orders", {"name": "refused at commit", "count": 1})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    once = await shop.post("/orders-once", {"name": "refused at commit", "count": 1}, {"idempotency-key": "k"})
    assert once.status_code == 500
    assert await shop.names() == []


async def test_the_same_key_and_body_get_the_stored_answer(shop: Shop) -> None:
    first = await shop.post("/orders-once", {"name": "a", "count": 1}, {"idempotency-key": "k"})
    again = await shop.post("/orders-once", {"name": "a", "count": 1}, {"idempotency-key": "k"})
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await shop.names() == ["a"]


async def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    await shop.post("/orders-once", {"name": "a", "count": 1}, {"idempotency-key": "k"})
    other = await shop.post("/orders-once", {"name": "b", "count": 1}, {"idempotency-key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await shop.names() == ["a"]


async def test_a_twin_that_comes_while_the_first_is_running_is_told_so(shop: Shop) -> None:
    first = asyncio.create_task(shop.post("/orders-once", {"name": "slow", "count": 1}, {"idempotency-key": "k"}))
    await started.wait()
    twin = await shop.post("/orders-once", {"name": "slow", "count": 1}, {"idempotency-key": "k"})
    release.set()
    assert (twin.status_code, twin.json()["code"]) == (409, "request-in-progress")
    assert (await first).status_code == 201
    assert await shop.names() == ["slow"]


async def test_a_crash_forgets_the_key_with_the_work(shop: Shop) -> None:
    for _ in range(2):
        crashed = await shop.post("/orders-once", {"name": "crash", "count": 1}, {"idempotency-key": "k"})
        assert crashed.status_code == 500
    assert await shop.names() == []
    assert (await shop.post("/orders-once", {"name": "b", "count": 1}, {"idempotency-key": "k"})).status_code == 201


async def test_a_key_is_kept_for_a_week_and_then_forgotten(shop: Shop, clock: FixedClock) -> None:
    await shop.post("/orders-once", {"name": "old", "count": 1}, {"idempotency-key": "old"})
    clock.advance(timedelta(seconds=1))
    await shop.post("/orders-once", {"name": "young", "count": 1}, {"idempotency-key": "young"})
    clock.advance(timedelta(days=7))

    async def keys() -> list[str]:
        async with shop.database.reading() as session:
            return list((await session.execute(sa.text("SELECT key FROM idempotency_keys"))).scalars())

    async def the_old_one_is_gone() -> bool:
        return await keys() == ["young"]

    async with running(forgetting("keys", shop.database, clock, KEYS).main):
        await eventually(the_old_one_is_gone)
    assert (await shop.post("/orders-once", {"name": "again", "count": 1}, {"idempotency-key": "old"})).status_code == 201
    assert await shop.names() == ["old", "young", "again"]


async def test_forgetting_goes_on_past_a_failure_and_until_nothing_old_is_left(shop: Shop, clock: FixedClock) -> None:
    batches, moments = [5, 2, 0], list[datetime]()

    async def fail(session: WriteSession, moment: datetime) -> int:
        raise Unavailable

    async def forget(session: WriteSession, moment: datetime) -> int:
        moments.append(moment)
        return batches[len(moments) - 1]

    life = timedelta(days=2)
    async with running(forgetting("rows", shop.database, clock, Kept(life, fail), Kept(life, forget)).main):
        await eventually(lambda: len(moments) == 3)
    assert moments == [clock.now() - life] * 3


@pytest.mark.parametrize("key", ["", "with space", "k" * 65])
async def test_a_key_is_1_to_64_visible_characters(shop: Shop, key: str) -> None:
    answer = await shop.post("/orders-once", {"name": "a", "count": 1}, {"idempotency-key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-required")


async def test_without_a_mesh_token_nothing_is_done(shop: Shop) -> None:
    answer = await shop.post("/orders", GOOD, {MESH_TOKEN: "forged"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


async def test_a_request_leaves_one_span_and_nothing_that_was_sent(shop: Shop, spans: InMemorySpanExporter) -> None:
    await shop.post("/orders", {"name": "甲一", "count": 1})
    await shop.post("/orders", {"name": "甲一", "count": "not a number"})
    found = spans.get_finished_spans()
    assert [span.name for span in found] == ["POST /orders", "POST /orders"]
    assert "甲一" not in "".join(span.to_json() for span in found)
