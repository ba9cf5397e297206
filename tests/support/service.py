"""One real service in a test: its application over ASGI, its consumer fed by hand, its neighbours on real sockets."""

import inspect
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI, Request, Response
from joserfc.jwk import ECKey
from pydantic import BaseModel, TypeAdapter

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.messaging import Subscriptions, message_tables
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import Verdict
from chassis.settings import ServiceSettings
from contracts.envelope import Envelope
from contracts.events import REGISTRY, Event
from contracts.headers import DATA_ACCESS, IDEMPOTENCY_KEY, MESH_TOKEN
from contracts.permissions import Permission
from contracts.topics import SERVICES, TOPICS
from contracts.values import EventId
from tests.support.listening import listening

_outbox, _ = message_tables(sa.MetaData())

EVERYTHING = frozenset(permission.value for permission in Permission)


@cache
def private_key(member: str) -> bytes:
    """The P-256 key in PEM of a member of the mesh, the same for the whole run."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def _public_keys() -> str:
    return json.dumps({member: ECKey.import_key(private_key(member)).as_dict(private=False) for member in SERVICES})


def keys_in(folder: Path) -> dict[str, str]:
    """Key files of every member, and the settings that name them as environment variables would."""
    for member in SERVICES:
        (folder / f"{member}.pem").write_bytes(private_key(member))
    (folder / "public.json").write_text(_public_keys())
    (folder / "data.key").write_text("07" * 32)
    (folder / "signing.pem").write_bytes(private_key("signing"))
    (folder / "seal.pem").write_bytes(private_key("seal"))
    (folder / "city-code.pem").write_bytes(private_key("city-code"))
    (folder / "gateway-ledger.pem").write_bytes(private_key("ledger"))
    return {"mesh_public_keys_file": str(folder / "public.json"), "ledger_key_file": str(folder / "gateway-ledger.pem")}


def settings_of(kind: type[ServiceSettings], database: Database, folder: Path, **more: Any) -> Any:
    """Settings of a service under test: keys in `folder`, its own database, no broker, no port."""
    said = {
        "database_url": database.url,
        "listen_port": 0,
        "mesh_key_file": folder / f"{kind.name}.pem",
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "kept_answers_ms": 0,
        **keys_in(folder),
        **more,
    }
    if "seal_key_file" in kind.model_fields:
        said["seal_key_file"] = folder / "seal.pem"
    return kind(**said)


@dataclass
class Door:
    """Calls a service as the gateway would. `disclosed` collects what its answers disclosed, newest last."""

    app: FastAPI
    service: str
    disclosed: list[Disclosure] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        *,
        facts: CallerFacts,
        json: Any = None,
        content: bytes | None = None,
        media_type: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """`facts.issuer` signs the mesh token; `key` is the Idempotency-Key."""
        token = MeshSigner(facts.issuer, private_key(facts.issuer)).token(facts, self.service)
        said = {
            MESH_TOKEN: token,
            **({IDEMPOTENCY_KEY: key} if key else {}),
            **({"content-type": media_type} if media_type else {}),
            **(headers or {}),
        }
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            answer = await client.request(method, path, json=json, content=content, headers=said)
        if DATA_ACCESS in answer.headers:
            self.disclosed.append(Disclosure.from_header(answer.headers[DATA_ACCESS]))
        return answer


@dataclass
class Neighbours:
    """Real HTTP servers in the place of other services; a test says what each answers. `asked` is (service, method, path, body).

    An answer for a path is given to every query on it, unless there is one for that query."""

    urls: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)
    _answers: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def answers(
        self,
        service: str,
        method: str,
        path: str,
        answer: BaseModel | list[Any] | int | Callable[[Any], Any],
        *,
        discloses: Disclosure | None = None,
    ) -> None:
        """`answer` is a model (or list of models), a status without body, or a function of the request's JSON that gives either or a response,
        in its own time."""
        self._answers[service, method, path] = (answer, discloses)

    def app(self, service: str) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def answered(path: str, request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw) if raw else None
            asked = f"/{path}?{request.url.query}" if request.url.query else f"/{path}"
            self.asked.append((service, request.method, asked, body))
            known = [self._answers.get((service, request.method, each)) for each in (asked, f"/{path}")]
            answer, discloses = next(filter(None, known), (404, None))
            if callable(answer) and not isinstance(answer, type):
                answer = answer(body)
            if inspect.isawaitable(answer):
                answer = await answer
            if isinstance(answer, int):
                return Response(status_code=answer)
            if isinstance(answer, Response):
                return answer
            headers = {DATA_ACCESS: discloses.header()} if discloses else None
            return Response(TypeAdapter(Any).dump_json(answer), headers=headers, media_type="application/json")

        return app


@asynccontextmanager
async def neighbours(*services: str) -> AsyncIterator[Neighbours]:
    """Servers on loopback for these services. Pass `urls` on to the settings of the service under test."""
    found = Neighbours()
    async with AsyncExitStack() as stack:
        for service in services:
            found.urls[f"{service}_url"] = await stack.enter_async_context(listening(found.app(service)))
        yield found


class SetAside:
    """Takes dead letters in a test."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []

    async def set_aside(self, record: "ConsumerRecord[bytes, bytes]", verdict: Verdict) -> None:
        self.verdicts.append(verdict)


@dataclass
class Feed:
    """Feeds a service's consumer one event at a time, as its group would. `verdicts` are those of what was set aside."""

    consumer: Consumer
    letters: SetAside

    @classmethod
    def of(cls, subscriptions: Subscriptions, database: Database, clock: FixedClock, neighbours: object = None) -> "Feed":
        letters = SetAside()
        return cls(
            Consumer(subscriptions, database=database, clock=clock, neighbours=neighbours, dead_letters=letters),  # type: ignore[arg-type]
            letters,
        )

    async def deliver(self, event: Event, *, at: datetime, event_id: EventId | None = None, trace: str | None = None) -> EventId:
        """Deliver `event`; the same `event_id` again is a redelivery."""
        publisher = event.PUBLISHERS[0]
        envelope = Envelope(event_id or EventId.new(), event.TYPE, event.VERSION, publisher, at, event.key(), trace)
        value = event.model_dump_json().encode()
        record: ConsumerRecord[bytes, bytes] = ConsumerRecord(
            topic=TOPICS[publisher].name, partition=0, offset=0, timestamp=0, timestamp_type=0, key=event.key().encode(),
            value=value, checksum=None, serialized_key_size=0, serialized_value_size=0, headers=tuple(envelope.to_headers()),
        )  # fmt: skip
        await self.consumer.receive(record)
        return envelope.id


async def published(database: Database, *kinds: type[Event]) -> list[Any]:
    """Events in the outbox in their order, of these kinds where any are named."""
    async with database.reading() as session:
        rows = (await session.execute(sa.select(_outbox).order_by(_outbox.c.id))).all()
    events = [REGISTRY[row.type, row.version].model_validate_json(row.body) for row in rows]
    return [event for event in events if not kinds or isinstance(event, kinds)]
