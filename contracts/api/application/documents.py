"""Documents 文书 that agencies issue in a case, with their seals."""

from typing import Literal

from contracts.strict import Answer, Day, Instant
from contracts.values import CreditCode, StatutoryDocumentId

DocumentKind = Literal[
    "acceptance",
    "intake_refusal",
    "correction",
    "review_correction",
    "suspension",
    "extension",
    "hearing_rights",
    "hearing",
    "renewal",
    "grant",
    "denial",
    "termination",
]


class DocumentSeal(Answer):
    """The seal's signature over the bytes of the PDF, apart from it: `sha256` of the PDF in hexadecimal, `signature` (DER) in base64,
    `public_key` in PEM. `is_test`: a key that binds nobody."""

    sha256: str
    algorithm: str
    key_id: str
    signature: str
    public_key: str
    is_test: bool
    sealed_at: Instant


class CaseDocument(Answer):
    """A document; `number` is its 文号."""

    id: StatutoryDocumentId
    kind: DocumentKind
    zh: str
    en: str
    number: str
    agency: CreditCode
    agency_name: str
    issued_on: Day
    issued_at: Instant
    seal: DocumentSeal
