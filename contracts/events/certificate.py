"""What the certificate service tells the mesh."""

from typing import ClassVar, Literal

from contracts.events import Event
from contracts.strict import Instant
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier, CertificateTypeCode, PartyId


class CertificateIssued(Event):
    """`case_number` is the case that earned it; none for certificates handed in by an agency."""

    TYPE: ClassVar[str] = "certificate.issued"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("certificate",)

    certificate_id: CertificateId
    identifier: CertificateIdentifier
    type: CertificateTypeCode
    case_number: CaseNumber | None = None
    issued_at: Instant

    def key(self) -> str:
        return self.case_number or self.certificate_id


ChangedState = Literal["revoked", "cancelled", "superseded"]


class CertificateStateChanged(Event):
    """A certificate is no longer valid: who keeps a copy forgets it. `replaced_by` is what says it now, of one that was superseded.

    `case_number` is that of the case in which it came to this: the one that earned it, or the one that asked for its renewal.
    """

    TYPE: ClassVar[str] = "certificate.state_changed"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("certificate",)

    certificate_id: CertificateId
    identifier: CertificateIdentifier
    state: ChangedState
    case_number: CaseNumber
    changed_at: Instant
    replaced_by: CertificateIdentifier | None = None

    def key(self) -> str:
        return self.case_number


class CertificatePresented(Event):
    """A presented certificate was verified by a registered party."""

    TYPE: ClassVar[str] = "certificate.presented"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("certificate",)

    certificate_id: CertificateId
    verifier: PartyId
    presented_at: Instant

    def key(self) -> str:
        return self.certificate_id


class CertificateTypeRegistered(Event):
    """A certificate type is known, or known otherwise than before; later `registered_at` wins."""

    TYPE: ClassVar[str] = "certificate_type.registered"
    PUBLISHERS: ClassVar[tuple[str, ...]] = ("certificate",)

    code: CertificateTypeCode
    name: str
    en: str
    issuer_function: str
    holder: Literal["person", "organisation"]
    provenance: Literal["official", "recalled", "illustrative"]
    registered_at: Instant

    def key(self) -> str:
        return self.code
