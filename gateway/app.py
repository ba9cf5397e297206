"""Composition root: the pipeline in front, the services and the control plane behind."""

import asyncio
import json
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import process
from chassis.clock import SystemClock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.http import build_app
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.messaging import Broadcast, Subscriptions, run_worker
from chassis.process import Part
from contracts.events.identity import SessionRevoked
from contracts.headers import MESH_TOKEN
from contracts.topics import SERVICES
from gateway.control_plane import ControlPlane
from gateway.decision import Deny
from gateway.edge import EdgeProtocol
from gateway.ledger import LedgerWriter
from gateway.pipeline import Pipeline
from gateway.proxy.upstream import Upstream
from gateway.registry.nonces import Nonces
from gateway.registry.routes import router
from gateway.registry.snapshots import Snapshots
from gateway.settings import GatewaySettings
from gateway.tokens import LONGEST_TOKEN_LIFE, FetchKeys, Tokens
from gateway.unified.protection import Limits


def compose(settings: GatewaySettings, database: Database) -> Sequence[Part]:
    """Everything the gateway process runs, in the order in which it is to stop."""
    clock = SystemClock()
    signer = MeshSigner.from_file("gateway", settings.mesh_key_file)
    snapshots = Snapshots(database, poll_s=settings.snapshot_poll_s)
    nonces, ledger = Nonces(database, clock), LedgerWriter(database, clock)
    tokens = Tokens(settings.public_url.rstrip("/"))
    deadline_s = settings.upstream_deadline_ms / 1000
    upstreams = {
        name: Upstream(settings.url_of(name), connections=settings.upstream_connections, deadline_s=deadline_s)
        for name in SERVICES
        if name != "gateway"
    }
    control_plane = ControlPlane(build_app(settings, router, database=database, clock=clock))
    pipeline = Pipeline(
        snapshots, nonces, ledger, tokens, signer, Limits(), {**upstreams, "gateway": control_plane}, clock, settings.body_limit_bytes
    )
    # A process that starts hears again of every session whose tokens may still be alive.
    revocations = Broadcast(lookback=LONGEST_TOKEN_LIFE)

    @revocations.on(SessionRevoked)
    def forget(event: SessionRevoked) -> None:
        tokens.revoke(event.session_id, event.revoked_at.timestamp())

    async def keep_keys(stop: asyncio.Event) -> None:
        await tokens.keep_keys(_keys_of_identity(upstreams["identity"], signer), stop)

    return [
        process.serve(with_health(pipeline, snapshots), settings, http=EdgeProtocol),
        Part("ledger", ledger.write),
        Part("snapshots", snapshots.keep),
        Part("nonces", nonces.purge),
        Part("keys", keep_keys),
        revocations.part(settings, clock),
        *run_worker(settings, database, Subscriptions("gateway"), clock),
    ]


def with_health(app: ASGIApp, snapshots: Snapshots) -> ASGIApp:
    """Health stands beside the pipeline: a probe is no party and leaves no record."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/health/"):
            await app(scope, receive, send)
            return
        is_ready = scope["path"] == "/health/live" or snapshots.is_loaded
        body = json.dumps({"status": "ready" if is_ready else "nothing known yet"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if is_ready else 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answered


def _keys_of_identity(identity: Upstream, signer: MeshSigner) -> FetchKeys:
    async def fetch() -> bytes:
        facts = CallerFacts("gateway", party_kind="portal", permissions=frozenset({"sign:on"}))
        token = signer.token(facts, "identity")
        answer = await identity.ask("GET", "/jwks", [(MESH_TOKEN.encode(), token.encode())], b"")
        if isinstance(answer, Deny) or answer.status != 200:
            raise Unavailable("identity's keys are away")
        return answer.body

    return fetch
