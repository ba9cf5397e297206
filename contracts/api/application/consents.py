"""Consents to the use of certificates."""

from contracts.strict import Answer, Instant
from contracts.values import (
    CaseNumber,
    CertificateId,
    ConsentId,
)


class Consent(Answer):
    """A person's consent to one use of one certificate.

    It `is_served` once the case is decided. While it is not, withdrawing it takes the certificate out of the handler's sight.
    """

    consent_id: ConsentId
    certificate_id: CertificateId
    case_number: CaseNumber
    purpose: str
    agency_name: str = ""
    given_at: Instant
    withdrawn_at: Instant | None = None
    is_served: bool = False


class ConsentWithdrawn(Answer):
    consent_id: ConsentId
    withdrawn_at: Instant
