"""The short way to a client's own token, in front of the framework: systems ask for one all day, and nothing of it needs a database.

It answers what it is sure of (a remembered client, its right secret, keys just read) and leaves everything else to
`routes/tokens.py`, whose answer is the same. The gateway's span and record tell of it; a log line more would cost as much
as the signature.
"""

import json
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.clock import Clock
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
from services.identity.repository import KnownClients
from services.identity.routes.client_authentication import of_basic
from services.identity.routes.protocol import NO_STORE
from services.identity.tokens.signer import TokenSigner

_DEMAND: Final = Demand(Permission.SIGN_ON, Audience.PROTOCOL, 0, frozenset())
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_BODY: Final = b"grant_type=client_credentials"
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.encode(), value.encode()) for name, value in NO_STORE.items()),
]
_SPECIAL: Final = frozenset({b"dpop", b"origin"})
_MESH_TOKEN: Final = MESH_TOKEN.encode()


class OwnTokens:
    def __init__(
        self, app: ASGIApp, *, clients: KnownClients, signer: TokenSigner, sealer: Sealer, verifier: MeshVerifier, clock: Clock
    ) -> None:
        self._app = app
        self._clients = clients
        self._signer = signer
        self._sealer = sealer
        self._verifier = verifier
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._client(scope) if scope["type"] == "http" and scope["path"] == "/token" and scope["method"] == "POST" else None
        if client is None:
            await self._app(scope, receive, send)
            return
        first = await receive()
        if first.get("body") != _BODY or first.get("more_body"):
            await self._app(scope, _again(first, receive), send)
            return
        granted = grants.own_token(Issuing(client, self._signer, self._sealer), at=self._clock.now())
        body = _encode(granted.answer()).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    def _client(self, scope: Scope) -> Client | None:
        """The client, when it is remembered and has proven itself by its secret in the header, and nothing special is asked."""
        headers = dict(scope["headers"])
        if not self._signer.keys.is_fresh or b"authorization" not in headers or not headers.keys().isdisjoint(_SPECIAL):
            return None
        if headers.get(b"content-type") != b"application/x-www-form-urlencoded":
            return None
        try:
            _DEMAND.check(self._verifier.facts(headers.get(_MESH_TOKEN, b"").decode("latin-1")))
            client_id, secret = of_basic(headers[b"authorization"].decode("latin-1"))
        except (ServiceError, ProtocolError):
            return None
        client = self._clients.remembered(client_id)
        return client if client and _may(client) and client.has_secret(secret, self._clock.now()) else None


def _may(client: Client) -> bool:
    settings = client.settings
    is_plain = settings.auth_method == "client_secret_basic" and not client.needs_bound_tokens
    return is_plain and "client_credentials" in settings.grant_types


def _again(first: Message, receive: Receive) -> Receive:
    """The same channel, from its beginning."""
    pending = [first]

    async def from_the_beginning() -> Message:
        return pending.pop() if pending else await receive()

    return from_the_beginning
