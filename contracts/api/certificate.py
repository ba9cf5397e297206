"""Certificate types, certificates, presenting and using them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from contracts.personal import Content, DocumentText, NameText, ResidentIdText
from contracts.strict import Answer, Day, Document, Instant, Line, Model
from contracts.values import (
    CaseNumber,
    CertificateId,
    CertificateIdentifier,
    CertificateTypeCode,
    ConsentId,
    CreditCode,
    PersonId,
    PersonName,
    ResidentId,
    TaskCode,
)


def _said(text: str) -> str:
    if not text.strip():
        msg = "a purpose says something"
        raise ValueError(msg)
    return text


Purpose = Annotated[Line, AfterValidator(_said)]


class CertificateType(Model):
    """证照类型. `fields` is the JSON Schema of the content; `valid_years` counts from the day of issue, null without end."""

    code: CertificateTypeCode
    name: Line
    en: Line
    issuer_function: Line
    holder: Literal["person", "organisation"]
    fields: Document
    valid_years: Annotated[int, Field(ge=1, le=100)] | None = None
    provenance: Literal["official", "recalled", "illustrative"]


class ImportTypes(Model):
    types: Annotated[list[CertificateType], Field(min_length=1, max_length=1000)]


class TypesImported(Answer):
    created: int
    changed: int
    unchanged: int


class HolderOrganisation(Model):
    """An organisation that holds a certificate. Its name and code are public in the registry."""

    name: Line
    credit_code: CreditCode


class Deposit(Model):
    """An existing certificate, handed in by the agency that issued it. Its trust grade is A.

    Its holder is a person, by `holder_name` and `holder_id`, or an `organisation`.
    """

    type: CertificateTypeCode
    issuer: CreditCode
    holder_name: PersonName | None = None
    holder_id: ResidentId | None = None
    organisation: HolderOrganisation | None = None
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    content: Document
    issued_on: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Deposit":
        if self.valid_until is not None and self.valid_until < self.issued_on:
            msg = "a validity does not end before the day of issue"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_one_holder(self) -> "Deposit":
        of_person = {self.holder_name is not None, self.holder_id is not None}
        if of_person != {self.organisation is None}:
            msg = "a holder is a person with name and number, or an organisation"
            raise ValueError(msg)
        return self


class Deposited(Answer):
    certificate_id: CertificateId
    identifier: CertificateIdentifier


class Summary(Answer):
    """A certificate in a list: nothing that identifies its holder."""

    id: CertificateId
    type: CertificateTypeCode
    name: str
    state: str
    issued_on: Day
    valid_until: Day | None
    case_number: CaseNumber | None = None


class Certificate(Answer):
    """A certificate as its holder sees it. Source: GB/T 36903-2018 for the items.

    `signature` is a compact JWS (RFC 7515, ES256) by a key of GET /certificate-keys. Its payload names neither holder nor
    content: it has identifier, type, number, issuer, issued_on and valid_until as here, and two digests, `holder` and
    `content`, each the unpadded base64url SHA-256 of a canonical JSON array (UTF-8, no spaces, members sorted):
    `[salt, holder_name, resident id in full]` and `[salt, content]`. Whoever has the certificate, its salt and the number on
    the holder's identity card can check all of it; whoever has the signature alone learns nothing of the holder.
    Of an `organisation` its credit code stands in the place of the resident id, here too.
    """

    id: CertificateId
    identifier: CertificateIdentifier
    type: CertificateTypeCode
    name: str
    number: DocumentText
    state: str
    grade: str
    issuer: CreditCode
    holder_name: NameText
    holder_id_masked: ResidentIdText
    content: Content
    issued_on: Day
    valid_until: Day | None
    case_number: CaseNumber | None = None
    state_at: Instant | None = None
    salt: str
    signature: str
    organisation: HolderOrganisation | None = None


class Presented(Answer):
    """A code to show: it may be verified once, until `expires_at`."""

    code: str
    expires_at: Instant
    qr_svg: str


class Present(Model):
    purpose: Purpose


class VerifyPresentation(Model):
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    purpose: Purpose


class VerifiedPresentation(Answer):
    """What a verifier may know: masked holder, state, issuer, and that the signature is right.

    An `organisation` that holds it is public, so it is named in full.
    """

    identifier: CertificateIdentifier
    name: str
    state: str
    issuer: CreditCode
    holder_name_masked: NameText
    holder_id_masked: ResidentIdText
    issued_on: Day
    valid_until: Day | None
    is_signature_valid: bool
    organisation: HolderOrganisation | None = None


class AskHoldings(Model):
    """Which of these types does the person hold, valid today?"""

    person_id: PersonId
    types: Annotated[list[CertificateTypeCode], Field(min_length=1, max_length=50)]


class Holding(Answer):
    certificate_id: CertificateId
    type: CertificateTypeCode
    name: str
    number_masked: str
    issuer: CreditCode
    valid_until: Day | None


class UseCertificate(Model):
    """The use of a certificate in a case instead of an upload.

    `version` is that of the matter which the case was started under; where it is not said, the published one.
    """

    person_id: PersonId
    case_number: CaseNumber
    task_code: TaskCode
    purpose: Purpose
    consent_id: ConsentId
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _case_is_of_the_matter(self) -> "UseCertificate":
        if self.case_number.task_code != self.task_code:
            msg = "the case is one of the matter"
            raise ValueError(msg)
        return self


class UsedCertificate(Answer):
    """The annotated copy 加注件: the data, and for what it was made."""

    certificate_id: CertificateId
    identifier: CertificateIdentifier
    type: CertificateTypeCode
    name: str
    grade: str
    content: dict[str, Any]
    annotation: str
    usable_until: Day


class CheckContent(Model):
    """Would this content, or more than it, make a certificate of the type?"""

    content: Document


class CheckedContent(Answer):
    """What is missing or wrong; nothing when the content fits."""

    errors: list[dict[str, str]]
