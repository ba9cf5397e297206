"""Composition root: the pipeline in front, the services and the control plane behind."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis import process
from chassis.clock import Clock, SystemClock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.forgetting import forgetting
from chassis.http import build_app
from chassis.http.client import MeshClient
from chassis.http.idempotency import KEYS
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.messaging import Broadcast, run_worker
from chassis.process import Part
from contracts import problems
from contracts.events.identity import GrantRevoked, MandateRevoked, PersonMerged, SessionRevoked
from contracts.headers import MESH_TOKEN
from contracts.problems import common
from contracts.topics import SERVICES
from gateway import record
from gateway.composing import Parts
from gateway.control_plane import ControlPlane
from gateway.decision import Deny
from gateway.door import App, DoorProtocol, Exchange
from gateway.ledger import LedgerWriter, Sealer, Signing, Witness, retention
from gateway.pipeline import Pipeline
from gateway.proxy.upstream import Upstream
from gateway.registry import api_document
from gateway.registry.allowances import Allowances, process_name
from gateway.registry.compositions import Compositions
from gateway.registry.consumers import subscriptions
from gateway.registry.domain.conformance import Rules
from gateway.registry.lapses import lapses
from gateway.registry.nonces import Nonces
from gateway.registry.routes import router
from gateway.registry.snapshots import LastKnownGood, Snapshots
from gateway.registry.suppliers import Suppliers
from gateway.sandbox import Sandbox
from gateway.settings import GatewaySettings
from gateway.tokens import LONGEST_TOKEN_LIFE, FetchKeys, Tokens
from gateway.unified import protection
from gateway.unified.edges import Edges
from gateway.unified.protection import Addresses, Admission, Limits, Shares
from gateway.unified.protection.leasing import Leaser


def compose(settings: GatewaySettings, database: Database) -> Sequence[Part]:
    """Everything the gateway process runs, in the order in which it is to stop."""
    clock = SystemClock()
    signer = MeshSigner.from_file("gateway", settings.mesh_key_file)
    kept = LastKnownGood(settings.snapshot_file, clock, good_for_s=settings.snapshot_good_for_s) if settings.snapshot_file else None
    snapshots = Snapshots(database, poll_s=settings.snapshot_poll_s, kept=kept)
    nonces = Nonces(database, deadline_s=settings.nonce_deadline_ms / 1000)
    ledger_key = Signing.from_file(settings.ledger_key_file)
    ledger = LedgerWriter(database, clock, ledger_key, f"{socket.gethostname()}:{settings.listen_port}")
    limits = Limits(
        Shares(settings.limit_shares, settings.limit_share_fraction),
        addresses=Addresses(per_second=settings.address_per_second, burst=settings.address_burst),
        zone=ZoneInfo(settings.limit_zone),
    )
    leaser = Leaser(limits, Allowances(database, process_name(settings.listen_port)), snapshots)
    admission = Admission(start=settings.admission_start, most=settings.admission_most, slow_s=settings.admission_slow_s)
    tokens = Tokens(settings.public_url.rstrip("/"))
    deadline_s = settings.upstream_deadline_ms / 1000
    upstreams = {
        name: Upstream(settings.url_of(name), connections=settings.upstream_connections, deadline_s=deadline_s)
        for name in SERVICES
        if name != "gateway"
    }
    compositions = Compositions(
        Parts(snapshots, signer, upstreams, clock), clock, settings.part_deadline_ms / 1000, settings.search_deadline_ms / 1000
    )
    mesh, suppliers = MeshClient(settings, clock), Suppliers.of(settings, clock)
    control_plane = ControlPlane(
        build_app(
            settings,
            router,
            database=database,
            clock=clock,
            mesh=mesh,
            suppliers=suppliers,
            compositions=compositions,
            snapshots=snapshots,
            public_url=settings.public_url,
            conformance=_conformance(settings),
        )
    )
    pipeline = Pipeline(
        snapshots,
        nonces,
        ledger,
        tokens,
        signer,
        limits,
        {**upstreams, "gateway": control_plane},
        clock,
        settings.body_limit_bytes,
        admission=admission,
        edges=Edges(settings.trusted_edges),
        security_headers=protection.security_headers(settings.public_url),
        sandbox=Sandbox(api_document.documents(), control_plane),
        logs_granted=settings.logs_granted,
    )
    # A process that starts hears again of every session whose tokens may still be alive.
    revocations = Broadcast(lookback=LONGEST_TOKEN_LIFE)

    @revocations.on(SessionRevoked)
    def forget(event: SessionRevoked) -> None:
        tokens.revoke(event.session_id, event.revoked_at.timestamp())

    @revocations.on(GrantRevoked)
    def forget_grant(event: GrantRevoked) -> None:
        tokens.revoke(event.grant_id, event.revoked_at.timestamp())

    @revocations.on(MandateRevoked)
    def forget_mandate(event: MandateRevoked) -> None:
        tokens.revoke(event.mandate_id, event.revoked_at.timestamp())

    @revocations.on(PersonMerged)
    def forget_person(event: PersonMerged) -> None:
        # Whoever acts for them goes on for the account that they are now.
        tokens.revoke(event.person_id, event.merged_at.timestamp())

    async def keep_keys(stop: asyncio.Event) -> None:
        await tokens.keep_keys(_keys_of_identity(upstreams["identity"], signer), stop)

    async def close_connections(stop: asyncio.Event) -> None:
        await stop.wait()
        await mesh.close()
        await suppliers.close()

    return [
        process.serve(
            with_health(pipeline, snapshots, lambda: limits.is_filled),
            settings,
            http=DoorProtocol.telling(record.turned_away(ledger, clock)),
            listening=_given(settings),
        ),
        *([Part("supervisor", _while_supervised)] if settings.listen_fd is not None else []),
        Part("ledger", ledger.write),
        _sealer(settings, database, clock, ledger_key).part(),
        Part("snapshots", snapshots.keep),
        Part("nonces", nonces.purge),
        Part("limits", leaser.keep),
        Part("admission", admission.watch),
        Part("keys", keep_keys),
        lapses(database, clock),
        revocations.part(settings, clock),
        *run_worker(settings, database, subscriptions, clock),
        Part("connections", close_connections),
        forgetting("idempotency keys", database, clock, KEYS),
        retention.part(database, clock, {"personal": settings.ledger_personal_months, "other": settings.ledger_other_months}),
    ]


def _sealer(settings: GatewaySettings, database: Database, clock: Clock, ledger_key: Signing) -> Sealer:
    witness = Witness(settings.ledger_witness_file) if settings.ledger_witness_file else None
    return Sealer(database, clock, ledger_key, witness, every=timedelta(seconds=settings.ledger_seal_s))


def _conformance(settings: GatewaySettings) -> Rules:
    run, lasts = timedelta(seconds=settings.conformance_run_s), timedelta(days=settings.conformance_valid_days)
    return Rules(settings.conformance_required, run, lasts, settings.conformance_runs_a_day)


def with_health(app: App, snapshots: Snapshots, is_filled: Callable[[], bool] = lambda: True) -> App:
    """Health stands beside the pipeline: a probe is no party and leaves no record.

    Before anything is known nobody could be told from a stranger, so everybody is asked to come back.
    """

    async def beside(exchange: Exchange) -> None:
        is_probe = exchange.incoming.path.startswith("/health/")
        if is_probe:
            is_ready = exchange.incoming.path == "/health/live" or (snapshots.is_loaded and is_filled())
            said = {"status": "ready" if is_ready else "nothing known yet"}
            if snapshots.is_from_before:
                said["degraded"] = "decides by what was known before this start: the database has not answered yet"
            _say(exchange, 200 if is_ready else 503, "application/json", said)
        else:
            _say(exchange, 503, problems.MEDIA_TYPE, problems.body(common.UNAVAILABLE))

    def answered(exchange: Exchange) -> Coroutine[Any, Any, None]:
        is_ours = snapshots.is_loaded and not exchange.incoming.path.startswith("/health/")
        return app(exchange) if is_ours else beside(exchange)

    return answered


def _say(exchange: Exchange, status: int, media_type: str, said: dict[str, Any]) -> None:
    headers = ((b"content-type", media_type.encode()), *(((b"retry-after", b"1"),) if status == 503 else ()))
    exchange.answer(status, headers, json.dumps(said, ensure_ascii=False).encode())


async def _while_supervised(stop: asyncio.Event) -> None:
    """A worker does not outlive who supervises it: nobody would replace or stop it."""
    parent = os.getppid()
    while not stop.is_set():
        if os.getppid() != parent:
            msg = "the supervising process is gone"
            raise RuntimeError(msg)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


def _given(settings: GatewaySettings) -> socket.socket | None:
    """The listening socket of a worker."""
    return socket.socket(fileno=settings.listen_fd) if settings.listen_fd is not None else None


def _keys_of_identity(identity: Upstream, signer: MeshSigner) -> FetchKeys:
    async def fetch() -> bytes:
        facts = CallerFacts("gateway", party_kind="portal", permissions=frozenset({"sign:on"}))
        token = signer.token(facts, "identity")
        answer = await identity.ask("GET", "/jwks", [(MESH_TOKEN.encode(), token.encode())], b"")
        if isinstance(answer, Deny) or answer.status != 200:
            raise Unavailable("identity's keys are away")
        return answer.body

    return fetch
