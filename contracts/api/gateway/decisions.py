"""What the six rooms decided."""

from contracts.strict import Answer, Instant
from contracts.values import CaseNumber, MandateId, OfficerId, OrganisationId, PartyId, PersonId


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
