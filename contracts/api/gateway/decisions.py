"""What the six rooms decided."""

from typing import Any

from contracts.strict import Answer, Instant
from contracts.values import CaseNumber, MandateId, OfficerId, OrganisationId, PartyId, PersonId


class Decision(Answer):
    """What one walk through the six rooms decided. `rooms` lists their results in order.

    `facts` are what the authorisation was decided by, `limit` is the state of the limit that came closest to refusing,
    `kept_as` the class by which the record is kept.
    """

    request_id: str
    at: Instant
    route: str
    status: int
    environment: str = "production"
    channel: str = ""
    scene: str = ""
    purpose: str = ""
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
    facts: dict[str, Any] = {}
    limit: dict[str, Any] = {}
    trace_id: str | None = None
    duration_ms: float
    kept_as: str
