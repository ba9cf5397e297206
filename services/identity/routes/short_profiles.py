"""The short way to a profile, which every submission, certificate and eligibility asks for.

It answers for who is active, verified and has a phone, as the route does, and leaves everybody and everything else to it; but
for a register that does not answer, which would only be waited for twice.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from opentelemetry.trace import SpanKind
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import telemetry
from chassis.database import Grouped
from chassis.errors import ServiceError
from chassis.http import problems
from chassis.http.caller import Audience, Demand
from chassis.http.disclosure import Disclosure
from chassis.http.mesh_token import MeshVerifier
from contracts.headers import ASKED_FOR, DATA_ACCESS, MESH_TOKEN, TRACEPARENT
from contracts.values import Grade, PersonId
from services.identity.domain.persons import ProviderAway
from services.identity.queries import persons as queries
from services.identity.queries.credit import CREDIT_ITEM, CREDIT_READERS, CreditStandings
from services.identity.repository.known_persons import KnownPerson

PROFILE_ITEMS: Final = ("name", "resident_id", "phone", "sex", "birth_on")
PROFILE_READERS: Final = ("application", "certificate", "catalogue", "gateway")

_DEMAND: Final = Demand(None, Audience.INTERNAL, 0, frozenset(PROFILE_READERS))
_DEMAND_WITH_CREDIT: Final = Demand(None, Audience.INTERNAL, 0, frozenset(CREDIT_READERS))
_WITH: Final = {b"": False, b"with=credit": True}
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

    def __init__(
        self, app: ASGIApp, *, verifier: MeshVerifier, known: Grouped[PersonId, KnownPerson | None], standings: CreditStandings
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._known = known
        self._standings = standings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        with_credit = _WITH.get(scope["query_string"]) if asked else None
        try:
            said = await self._said(asked[1], dict(scope["headers"]), with_credit) if asked and with_credit is not None else None
        except ProviderAway as away:
            await problems.render(Request(scope), away.problem, headers={"retry-after": "1"})(scope, receive, send)
            return
        if said is None:
            await self._app(scope, receive, send)
            return
        headers = [_JSON, (b"content-length", b"%d" % len(said.body)), (_DATA_ACCESS, said.access)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said.body})

    async def _said(self, asked: str, headers: dict[bytes, bytes], with_credit: bool) -> _Said | None:
        """Raises ProviderAway."""
        try:
            facts = self._verifier.facts(headers.get(_MESH_TOKEN, b"").decode("latin-1"))
            (_DEMAND_WITH_CREDIT if with_credit else _DEMAND).check(facts)
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
                if with_credit:
                    profile = profile.model_copy(update={"credit": await self._standings.of(known.person.real_name()[1])})
            except ProviderAway:
                raise
            except ServiceError:
                return None
            purpose = unquote(headers.get(_ASKED_FOR, b"").decode("latin-1")) or facts.purpose or "unstated"
            items = (*PROFILE_ITEMS, CREDIT_ITEM) if with_credit else PROFILE_ITEMS
            access = Disclosure((person_id,), int(Grade.SENSITIVE), purpose, items).header()
            return _Said(profile.model_dump_json().encode(), access.encode())
