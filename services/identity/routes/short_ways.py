"""Short ways in front of the framework, for what systems ask all day: a client's own token, and whether a token holds.

They answer what they are sure of (a remembered client, its right secret, keys just read) and leave everything else to
the routes, whose answer is the same. The gateway's span and record tell of it; a log line more would cost as much as a
signature.
"""

import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.clock import Clock
from chassis.database import Grouped
from chassis.errors import ServiceError
from chassis.http.caller import Audience, Demand
from chassis.http.mesh_token import MeshVerifier
from chassis.sealing import Sealer
from contracts.headers import MESH_TOKEN
from contracts.permissions import Permission
from services.identity.commands import grants
from services.identity.commands.grants import Issuing
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import ProtocolError
from services.identity.queries import standing
from services.identity.repository import KnownClients
from services.identity.repository.standing import Standing
from services.identity.routes.client_authentication import of_basic
from services.identity.routes.protocol import NO_STORE
from services.identity.tokens.signer import TokenSigner

_DEMAND: Final = Demand(Permission.SIGN_ON, Audience.PROTOCOL, 0, frozenset())
_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.encode(), value.encode()) for name, value in NO_STORE.items()),
]
_SPECIAL: Final = frozenset({b"dpop", b"origin"})
_MESH_TOKEN: Final = MESH_TOKEN.encode()
_OWN: Final = b"grant_type=client_credentials"
_ASKED: Final = re.compile(rb"token=([A-Za-z0-9_.-]+)")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the short ways work with. `standing` asks the database for many tokens at once."""

    clients: KnownClients
    signer: TokenSigner
    sealer: Sealer
    verifier: MeshVerifier
    clock: Clock
    standing: Grouped[Standing, bool]


class _ShortWay(ABC):
    path: ClassVar[str]

    def __init__(self, app: ASGIApp, *, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    @abstractmethod
    async def _answer(self, client: Client, body: bytes) -> dict[str, Any] | None:
        """None where the long way is to answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._client(scope) if scope["type"] == "http" and scope["path"] == self.path and scope["method"] == "POST" else None
        if client is None:
            await self._app(scope, receive, send)
            return
        first = await receive()
        answer = None if first.get("more_body") else await self._answer(client, first.get("body", b""))
        if answer is None:
            await self._app(scope, _again(first, receive), send)
            return
        body = _encode(answer).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    def _client(self, scope: Scope) -> Client | None:
        """The client, when it is remembered and has proven itself by its secret in the header, and nothing special is asked."""
        desk, headers = self._desk, dict(scope["headers"])
        if not desk.signer.keys.is_fresh or b"authorization" not in headers or not headers.keys().isdisjoint(_SPECIAL):
            return None
        if headers.get(b"content-type") != b"application/x-www-form-urlencoded":
            return None
        try:
            _DEMAND.check(desk.verifier.facts(headers.get(_MESH_TOKEN, b"").decode("latin-1")))
            client_id, secret = of_basic(headers[b"authorization"].decode("latin-1"))
        except (ServiceError, ProtocolError):
            return None
        client = desk.clients.remembered(client_id)
        if client is None or client.settings.auth_method != "client_secret_basic":
            return None
        return client if client.has_secret(secret, desk.clock.now()) else None


class OwnTokens(_ShortWay):
    """A client's own token: nothing of it needs a database."""

    path = "/token"

    async def _answer(self, client: Client, body: bytes) -> dict[str, Any] | None:
        is_plain = not client.needs_bound_tokens and "client_credentials" in client.settings.grant_types
        if body != _OWN or not is_plain:
            return None
        return grants.own_token(Issuing(client, self._desk.signer, self._desk.sealer), at=self._desk.clock.now()).answer()


class Introspections(_ShortWay):
    """An access token of the client that holds. What it stands on is read from the database each time."""

    path = "/introspect"

    async def _answer(self, client: Client, body: bytes) -> dict[str, Any] | None:
        asked = _ASKED.fullmatch(body)
        at = self._desk.clock.now()
        claims = self._desk.signer.read_access_token(asked[1].decode(), at) if asked else None
        if claims is None or claims["client_id"] != client.id:
            return None
        try:
            holds = not standing.is_needed(claims) or await self._desk.standing.write(standing.of(claims, at))
        except ServiceError:
            return None
        return standing.introspected(claims) if holds else None


def _again(first: Message, receive: Receive) -> Receive:
    """The same channel, from its beginning."""
    pending = [first]

    async def from_the_beginning() -> Message:
        return pending.pop() if pending else await receive()

    return from_the_beginning
