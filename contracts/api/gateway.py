"""The control plane: parties, resources and decisions."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Document, Instant, Line, Model
from contracts.values import CaseNumber, CreditCode, DivisionCode, MandateId, OfficerId, OrganisationId, PartyId, PersonId

Kind = Literal["app", "district", "department"]


class ApplyParty(Model):
    """A party asks to be registered. `jwks` are public P-256 keys; `redirect_uris` are for apps, `officers` for systems."""

    name: Line
    kind: Kind
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    jwks: Annotated[list[Document], Field(min_length=1, max_length=5)]
    redirect_uris: Annotated[list[Line], Field(max_length=10)] = []
    officers: Annotated[list[OfficerId], Field(max_length=1000)] = []


class Party(Answer):
    id: PartyId
    name: str
    kind: str
    status: str
    agency: CreditCode | None = None
    division: DivisionCode | None = None
    redirect_uris: list[str] = []
    officers: list[OfficerId] = []
    key_ids: list[str] = []
    applied_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    suspended_by: OfficerId | None = None
    suspended_for: str | None = None
    changed_at: Instant


class Suspend(Model):
    reason: Line


class Resource(Answer):
    """A registered route with its guard, as the service that owns it declares it."""

    service: str
    method: str
    path: str
    permission: str
    audience: str
    assurance: int
    grade: int
    state: str


class Decision(Answer):
    """What one walk through the six rooms decided. `rooms` lists their results in order."""

    request_id: str
    at: Instant
    route: str
    status: int
    party: PartyId | None = None
    party_kind: str
    person: PersonId | None = None
    organisation: OrganisationId | None = None
    actor: PersonId | None = None
    mandate: MandateId | None = None
    officer: OfficerId | None = None
    case_number: CaseNumber | None = None
    refused_by: str | None = None
    rule: str | None = None
    code: str | None = None
    rooms: dict[str, str]
    policy_version: int
    trace_id: str | None = None
    duration_ms: float
