"""What the rooms granted is passed on to what stands behind them, and its answer masked for who asked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chassis.errors import BodyTooLarge
from contracts.headers import MESH_TOKEN, REQUEST_ID, SOURCE, TRACEPARENT
from contracts.problems import common
from contracts.problems import gateway as problems
from gateway import granted, record
from gateway.decision import Decision, Deny, Room
from gateway.door import Body, Exchange
from gateway.door.body import HELD_BYTES
from gateway.granted import Granted
from gateway.passes import Passes
from gateway.proxy import headers as passing
from gateway.proxy.answer import Answer, Behind, Broken
from gateway.proxy.upstream import Upstream
from gateway.turns import as_task
from gateway.unified import protection
from gateway.walk import Walk

TOO_LARGE: Final = Deny(common.BODY_TOO_LARGE, "body-limit")

_MASKED_BYTES: Final = 8 * 1024 * 1024
_MESH_TOKEN, _REQUEST_ID, _TRACEPARENT, _SOURCE = (each.encode() for each in (MESH_TOKEN, REQUEST_ID, TRACEPARENT, SOURCE))


async def arrived(body: Body, enough: int, admission: protection.Admission) -> bytes:
    """How fast a body is sent is its sender's own affair. Raises BodyTooLarge."""
    if body.is_complete:
        return await body.start(enough)
    admission.step_out()
    try:
        return await body.start(enough)
    finally:
        admission.step_in()


@dataclass(slots=True)
class _Waiting:
    """One that may come to wait for other callers: neither counted meanwhile, nor is the time the mesh's."""

    exchange: Exchange
    admission: protection.Admission
    _since: float = 0.0

    def step_out(self) -> None:
        self._since = time.perf_counter()
        self.admission.step_out()

    def step_in(self) -> None:
        self.exchange.waited_s += time.perf_counter() - self._since
        self.admission.step_in()


@dataclass(frozen=True, slots=True)
class Onward:
    """`sandbox` answers instead of the services whoever calls from the sandbox environment."""

    behind: Mapping[str, Behind]
    sandbox: Behind | None
    passes: Passes
    admission: protection.Admission

    async def __call__(self, exchange: Exchange, walk: Walk, decision: Decision, trace: str, before: Granted | None) -> Answer | Deny:
        resource, incoming, body = walk.found.resource, walk.incoming, exchange.body
        assert resource is not None
        decision.upstream = resource.service
        behind = self.behind[resource.service] if walk.environment != "sandbox" or self.sandbox is None else self.sandbox
        headers = [(_REQUEST_ID, decision.request_id.encode()), (_TRACEPARENT, trace.encode())]
        if before is not None:
            lines, mask = before.lines, before.mask
        else:
            lines, mask = b"", protection.mask_for(walk)
            minted, until = self.passes.of(walk, resource.service)
            lasting = (*passing.to_service(incoming.fields, resource.audience), (_MESH_TOKEN, minted))
            if isinstance(behind, Upstream):
                granted.remember(walk, decision.rooms, lasting, mask, until)
            headers += lasting
            if resource.audience == "protocol":
                headers.append((_SOURCE, incoming.client.encode()))
        target = f"{incoming.path}?{incoming.query}" if incoming.query else incoming.path
        method = resource.method if incoming.method == "HEAD" else incoming.method
        try:
            beginning = incoming.body or (await arrived(body, HELD_BYTES, self.admission) if body.length != 0 else b"")
            if isinstance(behind, Upstream):
                rest = None if body.is_complete else body
                answer = await behind.ask(
                    method,
                    target,
                    headers,
                    beginning,
                    rest=rest,
                    length=body.length,
                    lines=lines,
                    attendance=_Waiting(exchange, self.admission),
                )
            else:
                await as_task()
                answer = await behind.ask(method, target, headers, beginning + await body.whole())
        except BodyTooLarge:
            return record.note(decision, Room.PROTECTION, TOO_LARGE)
        if isinstance(answer, Answer) and (answer.status >= 400 or resource.service == "gateway"):
            record.tell(answer, decision)
        return answer if mask is None or isinstance(answer, Deny) else await _masked(answer, mask)


async def _masked(answer: Answer, mask: protection.Mask) -> Answer | Deny:
    """What cannot be masked is not shown."""
    try:
        body = await answer.whole(_MASKED_BYTES)
        is_json = any(name == b"content-type" and b"json" in value for name, value in answer.headers)
        if body is None or (body and not is_json):
            return Deny(problems.UPSTREAM_AWAY, "masking")
        answer.body = mask.apply(body)
    except (Broken, TimeoutError, protection.NotMaskable):
        return Deny(problems.UPSTREAM_AWAY, "masking")
    return answer
