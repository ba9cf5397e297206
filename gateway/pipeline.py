"""A request's walk through the six rooms, in one fixed order, and the one record it leaves.

Raw ASGI: nothing on this path waits for a database, but for the nonce of a signed request and for the record of an
answer that carries personal data.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog
from opentelemetry.trace import Span, SpanKind
from starlette.types import Message, Receive, Scope, Send

from chassis import telemetry
from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts import problems
from contracts.headers import DATA_ACCESS, MESH_TOKEN, REQUEST_ID, SOURCE, TRACEPARENT
from contracts.problems import common
from contracts.problems import gateway as gateway_problems
from contracts.values import CaseNumber, Id, SessionId
from gateway.decision import GRANTED, Decision, Deny, Ledger, Room
from gateway.proxy import headers as passing
from gateway.proxy.upstream import Answer
from gateway.snapshot import Headers, NonceStore, SnapshotSource
from gateway.tokens import Tokens
from gateway.unified import access, authorization, portal, protection, resources, users
from gateway.unified.edges import Edges
from gateway.walk import Incoming, Walk

log = structlog.get_logger()

_FALLBACK_BODY_BYTES: Final = 64 * 1024
_WITHOUT_BODY: Final = frozenset({204, 304})


class Behind(Protocol):
    """Where a granted request goes: a service over its pool, or the control plane in this process."""

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer | Deny: ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    snapshots: SnapshotSource
    nonces: NonceStore
    ledger: Ledger
    tokens: Tokens
    signer: MeshSigner
    limits: protection.Limits
    behind: Mapping[str, Behind]
    clock: Clock
    body_limit_bytes: int
    admission: protection.Admission = field(default_factory=protection.Admission)
    time: Callable[[], float] = time.time
    edges: Edges = field(default_factory=Edges)
    security_headers: Headers = protection.SECURITY_HEADERS
    sandbox: Behind | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive, self.body_limit_bytes)
        if body is None:
            return
        said = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        client, certificate, headers = self.edges.seen(scope["client"][0] if scope.get("client") else "", said)
        incoming = Incoming(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            protection.without_internal_headers(headers),
            body,
            client,
            certificate,
        )
        started = time.perf_counter()
        decision = Decision(str(Id.new()), self.clock.now(), incoming.method, incoming.path)
        with telemetry.span(
            incoming.method, kind=SpanKind.SERVER, root=True, http__request__method=incoming.method, tongban__request_id=decision.request_id
        ) as span:
            if outside := incoming.header(TRACEPARENT):
                span.set_attribute("outside.traceparent", outside[:64])
            answer, sent = await self._handle(incoming, decision)
            decision.status = answer.status
            decision.duration_ms = (time.perf_counter() - started) * 1000
            answer = await self._keep(decision, answer, incoming)
            _describe(span, decision)
        await _send(send, answer, [*self.security_headers, *sent])

    async def _handle(self, incoming: Incoming, decision: Decision) -> tuple[Answer, list[tuple[bytes, bytes]]]:
        trace = telemetry.current_traceparent()
        decision.trace_id = telemetry.trace_id_of(trace)
        extra = [(REQUEST_ID.removeprefix("tongban-").encode(), decision.request_id.encode())]
        if trace:
            extra.append((b"traceparent", trace.encode()))
        walk = Walk(incoming, snapshot := self.snapshots.current(), snapshot.routes.find(incoming.method, incoming.path), self.time())
        if walk.found.resource:
            decision.route = walk.found.resource.name
            extra.extend(walk.found.resource.notices)
            decision.case_number = CaseNumber.read(walk.found.parameters.get("number"))
        elif (asked := portal.preflight(snapshot, incoming, walk.found)) is not None:
            return Answer(asked[0], list(asked[1])), extra
        decision.policy_version = snapshot.policy_version
        refusal = await self._walk(walk, decision)
        extra += portal.cors_headers(walk)
        extra += self.limits.headers(walk)
        priority = walk.found.resource.priority if walk.found.resource else 0
        if refusal is None and (refusal := self.admission.enter(priority, began := time.monotonic())):
            _note(decision, Room.PROTECTION, refusal)
        elif refusal is None:
            try:
                outcome = await self._pass_on(walk, decision, trace)
            finally:
                self.admission.leave(began, time.monotonic())
            if isinstance(outcome, Answer):
                outcome = _masked(walk, outcome)
            if isinstance(outcome, Answer):
                return outcome, extra
            decision.code, decision.rule, refusal = outcome.problem.code, outcome.rule, outcome
        return _refused(refusal, decision, incoming), extra

    async def _walk(self, walk: Walk, decision: Decision) -> Deny | None:
        """The first refusal, or None. The order is the one the city's rules are read in; it must not change."""
        steps: tuple[tuple[Room, Callable[[], Deny | str | None]], ...] = (
            (Room.PROTECTION, lambda: protection.check(walk.incoming, self.body_limit_bytes)),
            (Room.ACCESS, lambda: access.check(walk, self.tokens)),
            (Room.PROTECTION, lambda: self.limits.draw(walk)),
            (Room.USERS, lambda: users.check(walk)),
            (Room.RESOURCES, lambda: resources.check(walk)),
            (Room.AUTHORISATION, lambda: authorization.check(walk)),
            (Room.PORTAL, lambda: portal.check(walk)),
        )
        refusal: Deny | None = None
        for room, rule in steps:
            result = rule()
            if isinstance(result, Deny):
                refusal = _note(decision, room, result)
                break
            decision.rooms[room] = result or GRANTED
        decision.party, decision.party_kind = walk.party.id if walk.party else None, walk.kind
        decision.person, decision.organisation, decision.officer = walk.person, walk.organisation, walk.officer
        decision.actor, decision.mandate = walk.actor, walk.mandate
        decision.environment = walk.environment
        decision.channel, decision.scene, decision.purpose = walk.channel, walk.scene, walk.purpose
        decision.facts, decision.limit = walk.facts, walk.limit
        if refusal is None and (replayed := await protection.check_replay(walk, self.nonces)):
            refusal = _note(decision, Room.PROTECTION, replayed)
        return refusal

    async def _pass_on(self, walk: Walk, decision: Decision, trace: str | None) -> Answer | Deny:
        resource = walk.found.resource
        assert resource is not None
        decision.upstream = resource.service
        token = self.signer.token(_facts(walk), resource.service)
        headers = passing.to_service(walk.incoming.headers, resource.audience)
        headers += [(MESH_TOKEN.encode(), token.encode()), (REQUEST_ID.encode(), decision.request_id.encode())]
        if resource.audience == "protocol":
            headers.append((SOURCE.encode(), walk.incoming.client.encode()))
        if trace:
            headers.append((TRACEPARENT.encode(), trace.encode()))
        target = f"{walk.incoming.path}?{walk.incoming.query}" if walk.incoming.query else walk.incoming.path
        behind = self.behind[resource.service] if walk.environment != "sandbox" or self.sandbox is None else self.sandbox
        return await behind.ask(walk.incoming.method, target, headers, walk.incoming.body)

    async def _keep(self, decision: Decision, answer: Answer, incoming: Incoming) -> Answer:
        """Record the decision, and log it in one line."""
        said = next((value for name, value in answer.headers if name == DATA_ACCESS.encode()), None)
        if said is None:
            self.ledger.record(decision)
        elif refusal := await self._witness(decision, said):
            answer = _refused(refusal, decision, incoming)
        log.info(
            "granted" if decision.is_granted else "refused",
            route=decision.route or decision.path,
            reason=decision.rule,
            room=decision.refused_by,
            party=decision.party,
            upstream=decision.upstream,
            status=decision.status,
            duration_ms=round(decision.duration_ms, 1),
        )
        return answer

    async def _witness(self, decision: Decision, said: bytes) -> Deny | None:
        """Before an answer with personal data leaves, who saw what is on disk; otherwise it does not leave."""
        try:
            decision.access = _access(said)
            # A submission has no case in its path: it becomes one, and its answer says which.
            decision.case_number = decision.case_number or CaseNumber.read(decision.access["purpose"])
        except (ValueError, LookupError, TypeError):
            refusal = _withhold(decision, Deny(gateway_problems.UPSTREAM_AWAY, "disclosure"))
            self.ledger.record(decision)
            return refusal
        try:
            await self.ledger.durable(decision)
        except Unavailable:
            return _withhold(decision, Deny(common.UNAVAILABLE, "ledger", headers=(("retry-after", "1"),)))
        return None


def _access(said: bytes) -> dict[str, Any]:
    """Raises ValueError, LookupError or TypeError for a statement that names nobody or cannot be read."""
    disclosure = Disclosure.from_header(said.decode())
    if not (disclosure.subjects or disclosure.organisations):
        raise LookupError("whose data?")
    return {
        "subjects": list(disclosure.subjects),
        "organisations": list(disclosure.organisations),
        "grade": disclosure.grade,
        "purpose": disclosure.purpose,
        "items": list(disclosure.items),
    }


def _masked(walk: Walk, answer: Answer) -> Answer | Deny:
    mask = protection.mask_for(walk)
    if mask is None or not answer.body:
        return answer
    if not any(name == b"content-type" and b"json" in value for name, value in answer.headers):
        return Deny(gateway_problems.UPSTREAM_AWAY, "masking")
    try:
        answer.body = mask.apply(answer.body)
    except protection.NotMaskable:
        return Deny(gateway_problems.UPSTREAM_AWAY, "masking")
    return answer


def _withhold(decision: Decision, deny: Deny) -> Deny:
    """The record may still be written later: then it says that nothing was shown."""
    decision.status, decision.code, decision.rule, decision.access = deny.problem.status, deny.problem.code, deny.rule, None
    return deny


def _note(decision: Decision, room: Room, deny: Deny) -> Deny:
    decision.rooms[room] = f"refused: {deny.rule}"
    decision.refused_by, decision.rule, decision.code = room, deny.rule, deny.problem.code
    return deny


def _facts(walk: Walk) -> CallerFacts:
    party = walk.party
    return CallerFacts(
        issuer="gateway",
        party=party.id if party else None,
        party_kind=walk.kind,
        party_name=party.name if party else "",
        agency=party.agency if party else None,
        division=party.division if party else None,
        person=walk.person,
        officer=walk.officer,
        assurance=walk.assurance,
        auth_time=walk.auth_time,
        permissions=walk.permissions,
        organisation=walk.organisation,
        actor=walk.actor,
        mandate=walk.mandate,
        mandate_matters=walk.token.mandate_matters if walk.token else (),
        session=SessionId.read(walk.token.session) if walk.token else None,
    )


def _refused(deny: Deny, decision: Decision, incoming: Incoming) -> Answer:
    said: dict[str, Any] = {**deny.extensions, "rule": deny.rule}
    if decision.refused_by:
        said |= {"room": decision.refused_by, "room_zh": Room(decision.refused_by).zh}
    body = problems.body(
        deny.problem,
        language=problems.preferred_language(incoming.header("accept-language") or ""),
        detail=deny.detail,
        request_id=decision.request_id,
        **said,
    )
    headers = [(b"content-type", problems.MEDIA_TYPE.encode()), *((name.encode(), value.encode()) for name, value in deny.headers)]
    return Answer(deny.problem.status, headers, json.dumps(body, ensure_ascii=False).encode())


def _describe(span: Span, decision: Decision) -> None:
    span.update_name(decision.route or f"{decision.method} unregistered")
    span.set_attribute("http.route", decision.route)
    span.set_attribute("http.response.status_code", decision.status)
    if decision.case_number:
        span.set_attribute("case.number", decision.case_number)
    if decision.refused_by:
        span.set_attribute("tongban.refused_by", decision.refused_by)


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The whole body, read on past the limit only far enough to know that it is over; None when its rest will not come."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit + _FALLBACK_BODY_BYTES:
            chunks.append(chunk)
        if not message.get("more_body") or size > limit + _FALLBACK_BODY_BYTES:
            return b"".join(chunks) if size <= limit else b"\0" * (limit + 1)


async def _send(send: Send, answer: Answer, extra: list[tuple[bytes, bytes]]) -> None:
    headers = passing.from_service(answer.headers)
    named = {name for name, _ in headers}
    headers += [(name, value) for name, value in extra if name not in named]
    if answer.status not in _WITHOUT_BODY:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
