"""场景授权: which agency may ask for what, for which matters, why, how often and how long."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.gateway.sharing.words import FieldName, ItemCode, Mode, Provenance, SceneId, SourcedModel
from contracts.strict import Answer, Count, Day, Instant, Line, Model
from contracts.values import BasicCode, CertificateTypeCode, CreditCode, OfficerId, PartyId


class SceneItem(Model):
    """What a scene may ask of an item. A query of an item that can be verified says why yes or no is not enough."""

    item: ItemCode
    mode: Mode = "verify"
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=100)]
    why_query: Line | None = None


class ApplyScene(SourcedModel):
    """场景授权: an application scene, asked for by the agency that is to use it. Days are those of the city, both included."""

    name: Line
    matters: Annotated[list[BasicCode], Field(min_length=1, max_length=50)]
    items: Annotated[list[SceneItem], Field(max_length=50)] = []
    certificate_types: Annotated[list[CertificateTypeCode], Field(max_length=50)] = []
    purpose: Line
    basis: Line
    daily_cap: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    valid_from: Day
    valid_to: Day

    @model_validator(mode="after")
    def _asks_for_something_for_a_time(self) -> "ApplyScene":
        codes = [each.item for each in self.items]
        if not codes and not self.certificate_types:
            msg = "a scene names an item or a certificate type"
            raise ValueError(msg)
        if len(set(codes)) != len(codes):
            msg = "an item is named twice"
            raise ValueError(msg)
        if self.valid_to < self.valid_from:
            msg = "a scene does not end before it begins"
            raise ValueError(msg)
        return self


class SceneApproval(Answer):
    """`side` is the supplier's credit code, or `operator`."""

    side: str
    outcome: Literal["approve", "refuse"]
    by: OfficerId
    at: Instant
    reason: str | None = None


class Scene(Answer):
    """`awaits` are the sides whose answer is missing, due on `reply_due_on` (working days; provisional beyond the known calendar)."""

    id: SceneId
    demander: PartyId
    demander_name: str
    agency: CreditCode | None = None
    name: str
    matters: list[BasicCode]
    items: list[SceneItem]
    certificate_types: list[CertificateTypeCode]
    purpose: str
    basis: str
    provenance: Provenance
    daily_cap: int
    valid_from: Day
    valid_to: Day
    state: Literal["applied", "approved", "refused", "revoked", "expired"]
    applied_by: OfficerId
    applied_at: Instant
    reply_due_on: Day
    is_reply_due_provisional: bool
    awaits: list[str]
    approvals: list[SceneApproval]
    revoked_by: OfficerId | None = None
    revoked_at: Instant | None = None
    revoked_for: str | None = None


class RevokeScene(Model):
    reason: Line


class CallsOfDay(Answer):
    """Calls of a scene or an item on one day; `limit` is its daily cap or quota."""

    what: str
    day: Day
    calls: Count
    limit: Count
