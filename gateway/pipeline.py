"""A request's walk through the six rooms, in one fixed order, and the one record it leaves.

Nothing on this path waits for a database, but for the nonce of a signed request and for the record of an answer that
carries personal data.
"""

import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.clock import Clock
from chassis.errors import BodyTooLarge
from chassis.http.mesh_token import MeshSigner
from contracts import uuid7
from contracts.headers import TRACEPARENT
from contracts.values import CaseNumber
from gateway import granted, onward, record, reply, witness
from gateway.decision import GRANTED, NOT_APPLICABLE, Decision, Deny, Ledger, Room
from gateway.door import Exchange
from gateway.fields import Fields
from gateway.granted import Granted
from gateway.passes import Passes
from gateway.proxy.answer import Answer, Behind
from gateway.snapshot import Found, Headers, NonceStore, Snapshot, SnapshotSource
from gateway.tokens import Tokens
from gateway.turns import as_task
from gateway.unified import access, authorization, portal, protection, resources, users
from gateway.unified.edges import Edges
from gateway.walk import Incoming, Walk

log = structlog.get_logger()

_SLOW_MS: Final = 1000.0
_PATIENCE_S: Final = 2.0
"""For so long a call waits for its party's next lease, where the database has not said yet that there is none."""
_PRIORITY: Final = 2
_PROTECTION: Final = Room.PROTECTION.value
_PREFLIGHT: Final = {room.value: GRANTED if room in {Room.PROTECTION, Room.PORTAL} else NOT_APPLICABLE for room in Room}
_TRACEPARENT: Final = TRACEPARENT.encode()

Rule = Callable[[Walk], Deny | str | None]


@dataclass(slots=True)
class Pipeline:
    """`sandbox` answers instead of the services whoever calls from the sandbox environment. `logs_granted` adds a line in
    the log for what the ledger records anyway."""

    snapshots: SnapshotSource
    nonces: NonceStore
    ledger: Ledger
    tokens: Tokens
    signer: MeshSigner
    limits: protection.Limits
    behind: Mapping[str, Behind]
    clock: Clock
    body_limit_bytes: int
    time: Callable[[], float] = time.time
    admission: protection.Admission = field(default_factory=protection.Admission)
    edges: Edges = field(default_factory=Edges)
    security_headers: Headers = protection.SECURITY_HEADERS
    sandbox: Behind | None = None
    logs_granted: bool = False
    _onward: onward.Onward = field(init=False)
    _rules: tuple[tuple[str, Rule], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._onward = onward.Onward(self.behind, self.sandbox, Passes(self.signer), self.admission)
        # The order is the one the city's rules are read in; it must not change.
        self._rules = (
            (Room.ACCESS.value, lambda walk: access.check(walk, self.tokens)),
            (Room.PROTECTION.value, self.limits.draw),
            (Room.USERS.value, users.check),
            (Room.RESOURCES.value, resources.check),
            (Room.AUTHORISATION.value, authorization.check),
            (Room.PORTAL.value, portal.check),
        )

    def __call__(self, exchange: Exchange) -> Coroutine[Any, Any, None]:
        incoming = exchange.incoming
        if incoming.fields.names_edges:
            incoming.client, incoming.certificate, others = self.edges.seen(incoming.client, incoming.headers)
            incoming.fields = Fields(others)
        if is_forged := incoming.fields.names_insiders:
            given = len(incoming.headers)
            incoming.fields = Fields(protection.without_internal_headers(incoming.headers))
            is_forged = len(incoming.headers) < given
        snapshot = self.snapshots.current()
        walk = Walk(incoming, snapshot, _find(snapshot, incoming), self.time())
        decision = Decision(uuid7.quick(), self.clock.now(), incoming.method, incoming.path)
        decision.policy_version = snapshot.policy_version
        decision.names_insiders = is_forged
        exchange.body.limit = self.body_limit_bytes
        if walk.found.resource is not None:
            exchange.body.limit = max(self.body_limit_bytes, walk.found.resource.body_limit_bytes)
            decision.route = walk.found.resource.name
            if "number" in walk.found.parameters:
                decision.case_number = CaseNumber.read(walk.found.parameters["number"])
        if telemetry.chosen():
            return self._traced(exchange, walk, decision)
        return self._handle(exchange, walk, decision, telemetry.unkept(), is_traced=False)

    async def _traced(self, exchange: Exchange, walk: Walk, decision: Decision) -> None:
        # The span is the current one of its task, and would stay that of the connection.
        await as_task()
        incoming = exchange.incoming
        said = {"http__request__method": incoming.method, "tongban__request_id": decision.request_id}
        with telemetry.span(incoming.method, kind=SpanKind.SERVER, root=True, **said) as span:
            if outside := incoming.header(TRACEPARENT):
                span.set_attribute("outside.traceparent", outside[:64])
            await self._handle(exchange, walk, decision, telemetry.current_traceparent() or telemetry.unkept())
            record.describe(span, decision)

    async def _handle(self, exchange: Exchange, walk: Walk, decision: Decision, trace: str, *, is_traced: bool = True) -> None:
        """Whatever happens, one record is left, and who was let in leaves."""
        decision.trace_id = telemetry.trace_id_of(trace)
        started = time.perf_counter()
        answer: Answer | None = None
        try:
            if (shed := self._enter(walk, started)) is None:
                # A place among those in flight is held until an answer begins: how fast it is read is the reader's own affair.
                try:
                    answer = await self._outcome(exchange, walk, decision, trace)
                finally:
                    now = time.perf_counter()
                    self.admission.leave(started + exchange.body.waited_s(now) + exchange.waited_s, now)
            else:
                answer = await self._shed(exchange, decision, shed)
            decision.status = answer.status
            decision.duration_ms = (time.perf_counter() - started) * 1000
            said = witness.statement(answer.headers)
            if said is not None:
                await as_task()
                if refusal := await witness.witnessed(decision, said, self.ledger):
                    answer.close()
                    answer = reply.refused(refusal, decision, exchange.incoming)
            lines, headers = reply.lines_of(answer, self.security_headers), self._said(walk, decision, trace)
            if answer.rest is None:
                exchange.answer(answer.status, headers, answer.body, lines)
            elif not await reply.flow(exchange, answer, headers, lines) and not decision.is_kept:
                decision.rule = "cut-short"
        except BaseException as reason:
            if not decision.is_kept:
                record.ended(decision, exchange, reason)
            raise
        finally:
            if answer is not None:
                answer.close()
            self._end(decision, "" if is_traced else trace)

    def _enter(self, walk: Walk, now: float) -> Deny | None:
        resource = walk.found.resource
        return self.admission.enter(resource.priority if resource else _PRIORITY, now)

    async def _shed(self, exchange: Exchange, decision: Decision, shed: Deny) -> Answer:
        record.note(decision, Room.PROTECTION, shed)
        await exchange.body.skip()
        return reply.refused(shed, decision, exchange.incoming)

    def _end(self, decision: Decision, untraced: str) -> None:
        """The record, and what is kept of a failure that was not traced."""
        if not decision.is_kept:
            self.ledger.record(decision)
        if untraced and decision.status >= 500:
            parent = telemetry.kept(untraced)
            telemetry.record(decision.route or decision.method, kind=SpanKind.SERVER, parent=parent, began=decision.at)
        self._log(decision)

    async def _outcome(self, exchange: Exchange, walk: Walk, decision: Decision, trace: str) -> Answer:
        incoming, before = walk.incoming, None
        refusal = protection.check(incoming, exchange.body.limit)
        if refusal is not None:
            record.note(decision, Room.PROTECTION, refusal)
        elif incoming.method == "OPTIONS" and (said := portal.preflight(walk.snapshot, incoming, walk.found)) is not None:
            decision.rooms = _PREFLIGHT.copy()
            return Answer(said[0], list(said[1]))
        elif incoming.header("signature-input") is not None:
            refusal = await self._walk_signed(exchange, walk, decision)
        else:
            before = self._granted_before(walk, decision)
            refusal = await self._walk_patiently(walk, decision) if before is None else None
            if walk.proof is not None and refusal is None:
                refusal = await self._once(walk, decision)
        if refusal is None:
            outcome = await self._onward(exchange, walk, decision, trace, before)
            if isinstance(outcome, Answer):
                return outcome
            decision.code, decision.rule, refusal = outcome.problem.code, outcome.rule, outcome
        await exchange.body.skip()
        return reply.refused(refusal, decision, incoming)

    async def _walk_signed(self, exchange: Exchange, walk: Walk, decision: Decision) -> Deny | None:
        """A signature covers the body, so this one is judged when it has come, and passes once.

        Until then it is held here: one over the usual limit only for who has shown a registered key.
        """
        if exchange.body.limit > self.body_limit_bytes and not access.is_signed_by_known(walk):
            exchange.body.limit = self.body_limit_bytes
        try:
            walk.incoming.body = await onward.arrived(exchange.body, exchange.body.limit + 1, self.admission)
        except BodyTooLarge:
            return record.note(decision, Room.PROTECTION, onward.TOO_LARGE)
        return await self._walk_patiently(walk, decision) or await self._once(walk, decision)

    def _granted_before(self, walk: Walk, decision: Decision) -> Granted | None:
        """What the rooms would grant again, and no limit refuses now. Who is refused walks through all of them."""
        before = granted.recall(walk.snapshot, walk.incoming, walk.found, self.tokens, walk.now)
        if before is None or self.limits.draw(before.walk) is not None:
            return None
        walk.follow(before.walk)
        decision.rooms, decision.alike = dict(before.rooms), before.alike
        record.copy(walk, decision)
        return before

    async def _walk_patiently(self, walk: Walk, decision: Decision) -> Deny | None:
        """The first refusal that stays one, or None."""
        refusal = self._walk(walk, decision)
        if refusal is not None and refusal.is_for_now:
            await as_task()
            ends = time.monotonic() + _PATIENCE_S
            while refusal is not None and refusal.is_for_now and await self.limits.more(ends - time.monotonic()):
                decision.refused_by = decision.rule = decision.code = None
                refusal = self._walk(walk, decision)
        return refusal

    def _walk(self, walk: Walk, decision: Decision) -> Deny | None:
        """The first refusal, or None."""
        rooms = decision.rooms
        rooms[_PROTECTION] = GRANTED
        refusal: Deny | None = None
        for room, rule in self._rules:
            result = rule(walk)
            if result is None:
                rooms[room] = GRANTED
            elif isinstance(result, Deny):
                refusal = record.note(decision, room, result)
                break
            else:
                rooms[room] = result
        record.copy(walk, decision)
        return refusal

    async def _once(self, walk: Walk, decision: Decision) -> Deny | None:
        await as_task()
        replayed = await protection.check_replay(walk, self.nonces)
        return record.note(decision, Room.PROTECTION, replayed) if replayed else None

    def _said(self, walk: Walk, decision: Decision, trace: str) -> Headers:
        """What every answer says beside what it is about."""
        resource = walk.found.resource
        return (
            *self.limits.headers(walk),
            *portal.cors_headers(walk),
            *(resource.notices if resource is not None else ()),
            (b"request-id", decision.request_id.encode()),
            (_TRACEPARENT, trace.encode()),
        )

    def _log(self, decision: Decision) -> None:
        """What was granted and went well is in the ledger; a line for each would cost as much as the walk."""
        if decision.is_granted and decision.status < 500 and decision.duration_ms < _SLOW_MS and not self.logs_granted:
            return
        log.info(
            "granted" if decision.is_granted else "refused",
            route=decision.route or decision.path,
            reason=decision.rule,
            room=decision.refused_by,
            party=decision.party,
            upstream=decision.upstream,
            status=decision.status,
            duration_ms=round(decision.duration_ms, 1),
            trace_id=decision.trace_id,
        )


def _find(snapshot: Snapshot, incoming: Incoming) -> Found:
    """Whatever may be got can be asked about by HEAD. Source: RFC 9110 section 9.3.2."""
    found = snapshot.routes.find(incoming.method, incoming.path)
    if incoming.method == "HEAD" and found.resource is None and "GET" in found.allowed:
        found = snapshot.routes.find("GET", incoming.path)
    return found
