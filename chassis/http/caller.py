"""The caller of a request, proven by its mesh token, and the guard that states who may call a route.

A guard is also the route's registration: it is written into the OpenAPI document as `x-tongban`, and the gateway
reaches nothing that is not registered there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Request

from chassis.errors import Forbidden, Unauthorised
from chassis.http.mesh_token import CallerFacts, MeshVerifier
from contracts.headers import ASKED_FOR, MESH_TOKEN, REQUEST_ID
from contracts.permissions import Permission
from contracts.problems import Problem
from contracts.values import CreditCode, DivisionCode, Grade, OfficerId, OrganisationId, PartyId, PersonId, SessionId

T = TypeVar("T")

DOOR = "gateway"
REGISTRATION = ("permission", "audience", "assurance", "max_age_s", "grade", "services")
"""What the gateway reads of a route's guard."""


class Audience(StrEnum):
    """For whom a route is."""

    OPEN = "open"
    """Anybody, without a registered party: the portal's channel calls."""
    PARTY = "party"
    """A registered party on its own behalf."""
    PERSON = "person"
    """A registered party for a person who is signed in and acts for themself."""
    SUBJECT = "subject"
    """A registered party for a person or an organisation: signed in, or acted for by somebody with a mandate."""
    OPERATOR = "operator"
    """An officer at the operators' console."""
    PROTOCOL = "protocol"
    """The sign-on protocol: credentials are those of the protocol and pass unchanged."""
    INTERNAL = "internal"
    """A named service of the mesh; never reachable from outside."""


class KnownCaller(CallerFacts):
    """The facts of the caller of this request, with the demands a route can make of them."""

    __slots__ = ("request_id",)
    request_id: str

    def required_party(self) -> PartyId:
        return _present(self.party, "a registered party")

    def required_person(self) -> PersonId:
        return _present(self.person, "a signed-in person")

    def required_subject(self) -> PersonId | OrganisationId:
        """For whom the call is, whoever makes it."""
        return self.person or _present(self.organisation, "a person or an organisation")

    def check_subject(self, subject_id: str) -> None:
        """Raises Forbidden unless the call is on behalf of this very subject."""
        if subject_id != self.required_subject():
            raise Forbidden("this is for the subject on whose behalf the call is")

    def required_session(self) -> SessionId:
        return _present(self.session, "a sign-on")

    def required_officer(self) -> OfficerId:
        return _present(self.officer, "an officer")

    def required_agency(self) -> CreditCode:
        return _present(self.agency, "an agency")

    def required_division(self) -> DivisionCode:
        return _present(self.division, "a division")


def _present(value: T | None, what: str) -> T:
    if value is None:
        raise Forbidden(f"this needs {what}")
    return value


@dataclass(frozen=True, slots=True)
class Demand:
    """What a guard asks of a caller."""

    permission: Permission | None
    audience: Audience
    assurance: int
    services: frozenset[str]

    def check(self, facts: CallerFacts) -> None:
        """Raises Forbidden naming what is missing."""
        if self.audience is Audience.INTERNAL:
            if facts.issuer not in self.services:
                raise Forbidden("this is for other services")
            return
        if facts.issuer != DOOR:
            raise Forbidden("this is reached through the gateway")
        if self.permission and self.permission not in facts.permissions:
            raise Forbidden(f"missing permission {self.permission}")
        if self.audience is Audience.PERSON and (facts.person is None or facts.actor is not None or facts.assurance < self.assurance):
            raise Forbidden(f"this needs a person of assurance {self.assurance} who acts for themself")
        if self.audience is Audience.SUBJECT and (not (facts.person or facts.organisation) or facts.assurance < self.assurance):
            raise Forbidden(f"this needs a person or an organisation, and assurance {self.assurance}")
        if self.audience is Audience.OPERATOR and facts.officer is None:
            raise Forbidden("this needs an officer")


async def authenticated(request: Request) -> KnownCaller:
    verifier: MeshVerifier = request.app.state.verifier
    token = request.headers.get(MESH_TOKEN)
    if not token:
        raise Unauthorised("no mesh token")
    facts = verifier.facts(token)
    caller = KnownCaller(*(getattr(facts, name) for name in CallerFacts.__dataclass_fields__))
    object.__setattr__(caller, "request_id", request.headers.get(REQUEST_ID, ""))
    if asked_for := request.headers.get(ASKED_FOR):
        object.__setattr__(caller, "purpose", unquote(asked_for))
    return caller


Caller = Annotated[KnownCaller, Depends(authenticated)]
"""What a route writes as the type of its `caller` argument."""


def guard(
    permission: Permission | None = None,
    *,
    audience: Audience,
    assurance: int = 0,
    max_age_s: int | None = None,
    grade: Grade = Grade.INTERNAL,
    services: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Keyword arguments of a route: who may call it, checked again here and registered at the gateway.

    `grade` is that of the data the route answers with; `max_age_s` the greatest age of the person's sign-on.
    """
    if (permission is None) != (audience is Audience.INTERNAL) or bool(services) != (audience is Audience.INTERNAL):
        msg = "a guard names a permission, or the services that an internal route is for"
        raise TypeError(msg)
    demand = Demand(permission, audience, assurance, frozenset(services))

    async def check(caller: Caller) -> None:
        demand.check(caller)

    registration = {
        "permission": permission.value if permission else None,
        "audience": audience.value,
        "assurance": assurance,
        "max_age_s": max_age_s,
        "grade": int(grade),
        "services": list(services),
    }
    return {
        "dependencies": [Depends(check)],
        "openapi_extra": {"x-tongban": registration},
        "responses": {"4XX": {"model": Problem, "description": "problem+json"}},
    }
