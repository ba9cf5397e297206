"""What other services ask about a case."""

from typing import Any

from contracts.strict import Answer, Instant
from contracts.values import (
    CaseNumber,
    CertificateTypeCode,
    CreditCode,
    DivisionCode,
    OrganisationId,
    PersonId,
    PersonName,
    ResidentId,
)


class CaseResult(Answer):
    """What a granted case earned, for the certificate service."""

    number: CaseNumber
    person_id: PersonId
    holder_name: PersonName
    holder_id: ResidentId
    agency: CreditCode
    certificate_type: CertificateTypeCode | None
    content: dict[str, Any]
    decided_at: Instant


class OrganisationResult(Answer):
    """The same of a case of an organisation, which holds what the case earned."""

    number: CaseNumber
    organisation_id: OrganisationId
    holder_name: str
    credit_code: CreditCode
    agency: CreditCode
    certificate_type: CertificateTypeCode | None
    content: dict[str, Any]
    decided_at: Instant


class CaseStanding(Answer):
    """What the gateway asks before data is called for a case: whose it is, who handles it, and whether it `is_alive`.

    A case is alive until it is decided.
    """

    is_alive: bool
    agency: CreditCode
    division: DivisionCode
    person_id: PersonId | None = None
    organisation_id: OrganisationId | None = None
    submitted_by: PersonId | None = None
