"""接入管理: parties and their life."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Document, Instant, Line, Model
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId

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
