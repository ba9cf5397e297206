"""The short way to a profile, which every submission, certificate and eligibility asks for.

It answers for who is active, verified and has a phone, as the route does, and leaves everybody and everything else to it.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import telemetry
from chassis.database import Grouped
from chassis.errors import ServiceError
from chassis.http.caller import Audience, Demand
from chassis.http.disclosure import Disclosure
from chassis.http.mesh_token import MeshVerifier
from contracts.headers import ASKED_FOR, DATA_ACCESS, MESH_TOKEN, TRACEPARENT
from contracts.values import Grade, PersonId
from services.identity.queries import persons as queries
from services.identity.repository.known_persons import KnownPerson

PROFILE_ITEMS: Final = ("name", "resident_id", "phone", "sex", "birth_on")
PROFILE_READERS: Final = ("application", "certificate", "catalogue", "gateway")

_DEMAND: Final = Demand(None, Audience.INTERNAL, 0, frozenset(PROFILE_READERS))
_PATH: Final = re.compile(r"/persons/([0-9a-f-]{36})/profile")
_ROUTE: Final = "/persons/{person_id}/profile"
_JSON: Final = (b"content-type", b"application/json")
_MESH_TOKEN, _ASKED_FOR, _TRACEPARENT, _DATA_ACCESS = (each.encode() for each in (MESH_TOKEN, ASKED_FOR, TRACEPARENT, DATA_ACCESS))


@dataclass(frozen=True, slots=True)
class _Said:
    body: bytes
    access: bytes


class Profiles:
    """`known` asks the database for many persons at once."""

    def __init__(self, app: ASGIApp, *, verifier: MeshVerifier, known: Grouped[PersonId, KnownPerson | None]) -> None:
        self._app = app
        self._verifier = verifier
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        said = await self._said(asked[1], dict(scope["headers"])) if asked and not scope["query_string"] else None
        if said is None:
            await self._app(scope, receive, send)
            return
        headers = [_JSON, (b"content-length", b"%d" % len(said.body)), (_DATA_ACCESS, said.access)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said.body})

    async def _said(self, asked: str, headers: dict[bytes, bytes]) -> _Said | None:
        try:
            facts = self._verifier.facts(headers.get(_MESH_TOKEN, b"").decode("latin-1"))
            _DEMAND.check(facts)
            person_id = PersonId(asked)
        except (ServiceError, ValueError):
            return None
        parent = headers.get(_TRACEPARENT, b"").decode("latin-1") or None
        with telemetry.span(f"GET {_ROUTE}", kind=SpanKind.SERVER, parent=parent, http__request__method="GET", http__route=_ROUTE):
            try:
                known = await self._known.write(person_id)
                if known is None or not known.person.is_active or (phone := queries.phone_of(known)) is None:
                    return None
                profile = queries.profile_of(known, phone)
            except ServiceError:
                return None
            purpose = unquote(headers.get(_ASKED_FOR, b"").decode("latin-1")) or facts.purpose or "unstated"
            access = Disclosure((person_id,), int(Grade.SENSITIVE), purpose, PROFILE_ITEMS).header()
            return _Said(profile.model_dump_json().encode(), access.encode())
