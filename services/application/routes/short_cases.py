"""The short way to a case of one's own, which applications ask for all day, in front of the framework.

It answers whoever asks for themself, with what the route would answer, and leaves everybody and everything else to the
route. The gateway's record tells of it; a log line more would cost as much as the answer.
"""

import re
from typing import Final

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import telemetry
from chassis.clock import Clock
from chassis.database import Database, Grouped
from chassis.errors import ServiceError
from chassis.http.caller import Audience, Demand
from chassis.http.mesh_token import MeshVerifier
from chassis.working_days import local_day
from contracts.headers import MESH_TOKEN, TRACEPARENT
from contracts.permissions import Permission
from contracts.values import CaseNumber
from services.application.domain.applicant import Applicant
from services.application.queries.own_cases import OwnCase, own_cases

_DEMAND: Final = Demand(Permission.CASE_READ, Audience.SUBJECT, 2, frozenset())
_PATH: Final = re.compile(r"/cases/([0-9A-Z]+)")
_ROUTE: Final = "/cases/{number}"
_JSON: Final = (b"content-type", b"application/json")
_MESH_TOKEN, _TRACEPARENT = MESH_TOKEN.encode(), TRACEPARENT.encode()


class ShortCases:
    def __init__(self, app: ASGIApp, *, verifier: MeshVerifier, database: Database, clock: Clock) -> None:
        self._app = app
        self._verifier = verifier
        self._clock = clock
        self._cases: Grouped[CaseNumber, OwnCase | None] = Grouped(database, own_cases, key=id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        body = await self._body(asked[1], dict(scope["headers"])) if asked and not scope["query_string"] else None
        if body is None:
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [_JSON, (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    async def _body(self, asked: str, headers: dict[bytes, bytes]) -> bytes | None:
        try:
            facts = self._verifier.facts(headers.get(_MESH_TOKEN, b"").decode("latin-1"))
            _DEMAND.check(facts)
            number = CaseNumber(asked)
        except (ServiceError, ValueError):
            return None
        subject = facts.person or facts.organisation
        # That somebody saw a case in another's name is told with the answer.
        if subject is None or facts.actor is not None:
            return None
        parent = headers.get(_TRACEPARENT, b"").decode("latin-1") or None
        with telemetry.span(
            f"GET {_ROUTE}", kind=SpanKind.SERVER, parent=parent, http__request__method="GET", http__route=_ROUTE, case__number=number
        ):
            try:
                found = await self._cases.write(number)
            except ServiceError:
                return None
            if found is None or not found.is_seen_by(Applicant(subject)):
                return None
            return found.presented(today=local_day(self._clock.now())).model_dump_json().encode()
