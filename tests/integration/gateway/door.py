"""A gateway in this process on a real socket, and what stands behind and before it."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import process
from chassis.database import Database
from chassis.http import signatures
from chassis.http.authorities import authorities
from contracts.values import OfficerId, PartyId, PersonId, SessionId
from deploy.local.running import free_port
from gateway.app import compose
from gateway.decision import GRANTED, Decision, Room
from gateway.registry.bootstrap import load_policies
from gateway.registry.domain.keys import PRODUCTION, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties
from gateway.registry.tables import decisions, resources
from gateway.settings import GatewaySettings
from tests.support.eventually import eventually
from tests.support.service import private_key, settings_of
from tests.support.station import running

# A machine that runs tests beside tests is no measure of a deadline.
PATIENT_S = 10.0
_WITHOUT_BROKER = ("http", "ledger", "checkpoints", "snapshots", "nonces", "limits", "admission", "keys")
DUTIES = {
    OfficerId("op-001"): ("system",),
    OfficerId("op-002"): ("security",),
    OfficerId("op-003"): ("audit",),
    OfficerId("op-004"): ("security",),
}
_RESOURCES = (
    ("catalogue", "GET", "/matters", "matter:read", "party", 0),
    ("catalogue", "GET", "/matters/{code}", "matter:read", "party", 0),
    ("application", "POST", "/cases/{number}/decision", "case:decide", "party", 0),
    ("application", "POST", "/cases", "case:submit", "person", 2),
    ("identity", "GET", "/persons/me", "person:read", "person", 1),
    ("identity", "POST", "/token", "sign:on", "protocol", 0),
    ("gateway", "POST", "/parties", "party:register", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/approval", "party:approve", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/production", "party:approve", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/suspension", "party:suspend", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/withdrawal", "party:restrict", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/restrictions", "party:restrict", "operator", 0),
    ("gateway", "POST", "/parties/{party_id}/keys/{kid}/revocation", "party:restrict", "operator", 0),
    ("gateway", "GET", "/parties/own", "own-party:read", "party", 0),
    ("gateway", "POST", "/parties/own/keys", "own-party:rotate", "party", 0),
    ("gateway", "POST", "/parties/own/keys/{kid}/revocation", "own-party:rotate", "party", 0),
    ("gateway", "GET", "/parties/{party_id}", "party:read", "operator", 0),
    ("gateway", "POST", "/changes", "change:propose", "operator", 0),
    ("gateway", "GET", "/changes", "change:read", "operator", 0),
    ("gateway", "GET", "/changes/{change_id}", "change:read", "operator", 0),
    ("gateway", "POST", "/changes/{change_id}/approval", "change:approve", "operator", 0),
    ("gateway", "POST", "/changes/{change_id}/refusal", "change:approve", "operator", 0),
    ("gateway", "POST", "/changes/{change_id}/withdrawal", "change:propose", "operator", 0),
    ("gateway", "POST", "/conformance-runs", "conformance:run", "party", 0),
    ("gateway", "POST", "/conformance-runs/{run_id}/report", "conformance:run", "party", 0),
    ("gateway", "GET", "/conformance-runs/{run_id}", "conformance:run", "party", 0),
    ("gateway", "GET", "/parties/{party_id}/conformance-runs", "conformance:read", "operator", 0),
    ("gateway", "GET", "/decisions", "decision:read", "operator", 0),
    ("gateway", "GET", "/ledger/checkpoints", "ledger:read", "operator", 0),
    ("gateway", "GET", "/usage", "usage:read", "operator", 0),
    ("gateway", "GET", "/usage/own", "own-usage:read", "party", 0),
)


@asynccontextmanager
async def served(app: ASGIApp, settings: Any, *, http: type[asyncio.Protocol] | str = "httptools") -> AsyncIterator[int]:
    """The application on loopback while the block runs."""
    async with running(process.serve(app, settings, http=http).main):
        await eventually(lambda: is_open(settings.listen_port))
        yield settings.listen_port


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def exchange(port: int, *pieces: bytes, within: float = 5.0) -> bytes:
    """Send the pieces one after another over one connection; everything that came back until it was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(within):
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_service(speak: Speak) -> AsyncIterator[str]:
    """The address of a service that says whatever bytes a test wants; `/jwks` is answered for it, a connection each."""

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            first = await reader.readuntil(b" HTTP/1.1\r\n")
            if b" /jwks " in first:
                said = json.dumps({"keys": [public_key()]}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said))
            else:
                await speak(reader, writer)
        writer.close()

    server = await asyncio.start_server(heard, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@dataclass
class Behind:
    """A service as the gateway sees it: notes what it is asked, answers what a test wants."""

    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[str], tuple[int, dict[str, str], bytes]] = lambda _: (200, {}, b"{}")
    hold: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path = scope["raw_path"].decode()
        if path == "/jwks":
            status, headers, said = 200, {}, json.dumps({"keys": [public_key()]}).encode()
        else:
            names = [name for name, _ in scope["headers"]]
            assert len(names) == len(set(names))
            self.asked.append((scope["method"], path, {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}, body))
            if self.hold is not None:
                await self.hold.wait()
            status, headers, said = self.answer(path)
        sent = [(b"content-type", b"application/json"), (b"content-length", str(len(said)).encode())]
        sent += [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": said})


def public_key() -> dict[str, Any]:
    return {**ECKey.import_key(private_key("signing")).as_dict(private=False), "kid": "id-1"}


@dataclass
class Door:
    """The running gateway as its parties use it. `key` is every party's."""

    settings: GatewaySettings
    database: Database
    client: httpx.AsyncClient
    parties: dict[str, PartyId]

    async def call(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> httpx.Response:
        return await self.client.request(method, path, headers=headers, content=body or None)

    def signature(
        self, kind: str, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", *, by: bytes | None = None
    ) -> dict[str, str]:
        """Headers of a request signed with the party's key, or with another one in PEM."""
        message = signatures.Message(method, f"127.0.0.1:{self.settings.listen_port}", path, "", headers or {}, body)
        signed = signatures.sign(message, by or private_key("party"), key_id=self.parties[kind], created=int(time.time()))
        return {**(headers or {}), **signed}

    async def signed(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        officer: str | None = None,
        said: Any = None,
        key: str | None = None,
        by: bytes | None = None,
    ) -> httpx.Response:
        """`key` is the idempotency key, `by` another private key in PEM than the party's."""
        body = json.dumps(said).encode() if said is not None else b""
        headers = {
            **({"tongban-operator": officer} if officer else {}),
            **({"content-type": "application/json"} if body else {}),
            **({"idempotency-key": key} if key else {}),
        }
        return await self.call(method, path, self.signature(kind, method, path, headers, body, by=by), body)

    def bearer(self, person: PersonId | None = None, *, session: SessionId | None = None, **more: Any) -> dict[str, str]:
        """`more` are further claims of the token."""
        now, client = int(time.time()), self.parties["app"]
        said: dict[str, Any] = {
            "iss": self.settings.public_url,
            "aud": self.settings.public_url,
            "client_id": client,
            "sub": person or client,
            "subject_type": "person" if person else "client",
            "iat": now,
            "exp": now + 900,
        }
        if person:
            said |= {"sid": session or SessionId.new(), "assurance": 2, "auth_time": now}
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "id-1"}, said | more, ECKey.import_key(private_key("signing")))
        return {"authorization": f"Bearer {token}"}

    async def officer(self, officer: str, method: str, path: str, said: Any = None, *, key: str | None = None) -> httpx.Response:
        """Asked by this officer of the operator: op-001 for the system, op-002 and op-004 for security, op-003 for audit."""
        return await self.signed("operator", method, path, officer=officer, said=said, key=key)

    async def decision(self, answer: httpx.Response) -> Any:
        """What the record of this answer's request says, once it is there."""

        async def find() -> Any:
            async with self.database.reading() as session:
                query = sa.select(decisions).where(decisions.c.request_id == answer.headers["request-id"])
                return (await session.execute(query)).one_or_none()

        said = {"rooms": dict.fromkeys(Room, GRANTED)} | json.loads((await eventually(find)).body)
        return SimpleNamespace(**{each.name: said.get(each.name) for each in fields(Decision)})


async def register(database: Database) -> dict[str, PartyId]:
    """One active party of each kind, the resources, and the policies of the seed."""
    jwk = ECKey.import_key(private_key("party")).as_dict(private=False)
    at = datetime.now(UTC)
    known = {kind: PartyId.new() for kind in ("app", "district", "operator")}
    async with database.transaction() as session:
        await load_policies(session, at)
        for kind, party_id in known.items():
            keys = (key_of(jwk, PRODUCTION, at=at),)
            await WritableParties(session).add(
                Party(party_id, f"{kind} one", kind, "active", at, keys, officers=tuple(DUTIES), duties=DUTIES, production_at=at)
            )
        names = ("service", "method", "path", "permission", "audience", "assurance")
        rows = [dict(zip(names, row, strict=True)) | {"max_age_s": None, "grade": 1, "state": "active"} for row in _RESOURCES]
        await session.execute(sa.insert(resources), rows)
    return known


@asynccontextmanager
async def gateway(
    database: Database, folder: Path, behind: str, *, parties: dict[str, PartyId], parts: Sequence[str] = _WITHOUT_BROKER, **more: Any
) -> AsyncIterator[Door]:
    """Every service is found at `behind`. `parts` are the parts of the process that run."""
    port = free_port()
    urls = {f"{service}_url": behind for service in ("identity", "catalogue", "application", "certificate", "rating")}
    urls["ledger_witness_file"] = str(folder / "witness.jsonl")
    said = {**urls, "listen_port": port, "public_url": f"http://127.0.0.1:{port}", "nonce_deadline_ms": int(PATIENT_S * 1000)}
    # It is the only gateway of its database, and need not lease what is all its own.
    said |= {"limit_shares": 1, "limit_share_fraction": 1.0, **more}
    settings = settings_of(GatewaySettings, database, folder, **said)
    composed = compose(settings, database)
    assert set(parts) <= {part.name for part in composed}
    mains = [part.main for part in composed if part.name in parts]
    async with running(*mains), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=authorities()) as client:
        door = Door(settings, database, client, parties)

        async def is_ready() -> bool:
            if not await is_open(port) or (await client.get("/health/ready")).status_code != 200:
                return False
            # The keys of identity have arrived when the app's own token is believed.
            return (await client.get("/unknown", headers=door.bearer())).status_code == 404

        await eventually(is_ready)
        yield door
