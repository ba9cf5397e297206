"""Registration, verification, and what is known of a person."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.api.identity.credit import CreditStanding
from contracts.personal import Content, DocumentText, NameText, PhoneText, ResidentIdText
from contracts.strict import Agreed, Answer, Choice, Day, Instant, Line, Model, clean_text
from contracts.values import Document, DocumentId, DocumentType, PersonId, PersonName, Phone, ResidentId


def _typed(text: str) -> str:
    """As it was typed, if it could be typed: a password is not normalised."""
    clean_text(text)
    return text


SmsCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Password = Annotated[str, AfterValidator(_typed), Field(min_length=10, max_length=128)]
KnownPassword = Annotated[str, AfterValidator(_typed), Field(min_length=1, max_length=128)]
Capture = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=700_000)]


class SendCode(Model):
    phone: Phone


class CodeSent(Answer):
    expires_at: Instant


class SecondProof(Model):
    """One more item beside the resident id and the phone. Source: 国办函〔2016〕108号."""

    kind: Literal["social_security", "driving_licence", "provident_fund"]
    number: Line


class Register(Model):
    name: PersonName
    resident_id: ResidentId
    phone: Phone
    sms_code: SmsCode
    second_proof: SecondProof
    password: Password
    accepts_agreement: Agreed

    @property
    def document(self) -> Document:
        return Document(DocumentType.RIC, self.resident_id)


class DocumentTypeText(Answer):
    """A type of document in words, and what others call it where that is known."""

    type: DocumentType
    zh: str
    en: str
    gat_2000_156: str | None = None
    is_certain: bool
    partners: dict[str, str] = {}


class GivenDocument(Model):
    """A document with its number as it is printed. `country` (ISO 3166 alpha-3) is that of a foreign passport."""

    type: Choice[DocumentType]
    number: Line
    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        Document(self.type, self.number, self.country)
        return self

    @property
    def value(self) -> Document:
        return Document(self.type, self.number, self.country)


class RegisterByDocument(Model):
    """As `Register`, by any document. One with a resident number needs the second proof too."""

    name: PersonName
    document: GivenDocument
    phone: Phone
    sms_code: SmsCode
    second_proof: SecondProof | None = None
    password: Password
    accepts_agreement: Agreed


class RegisterPhone(Model):
    """An account of a phone and nothing more: assurance 1."""

    phone: Phone
    sms_code: SmsCode
    password: Password
    accepts_agreement: Agreed


class Registered(Answer):
    person_id: PersonId
    assurance: int


class Verify(Model):
    """A live capture of the face in base64; it is passed on and never kept."""

    method: Literal["face"]
    capture: Capture


class Verified(Answer):
    assurance: int
    reference: str


class DocumentSummary(Answer):
    """A document of mine. `source` vouches for it."""

    document_id: DocumentId
    type: DocumentType
    number_masked: DocumentText
    country: str | None = None
    source: str
    recorded_at: Instant


class Person(Answer):
    """What a person sees of their own account. Before a real name there is none, and no document."""

    person_id: PersonId
    name: NameText | None
    resident_id_masked: ResidentIdText | None = None
    phone_masked: PhoneText | None
    assurance: int
    registered_at: Instant
    documents: list[DocumentSummary] = []
    declared: Content = {}


class Sourced(Answer):
    """One item with who says so and since when."""

    value: str
    source: str
    at: Instant


class SourcedDocument(Answer):
    """The document that names the person."""

    type: DocumentType
    number: str
    country: str | None = None
    source: str
    at: Instant


class Profile(Answer):
    """For services of the mesh: each item with source and time. What no document tells is absent, and `credit` where nobody asked."""

    person_id: PersonId
    assurance: int
    name: Sourced
    document: SourcedDocument | None = None
    resident_id: Sourced | None = None
    phone: Sourced | None = None
    sex: Sourced | None = None
    birth_on: Sourced | None = None
    born: Day | None = None
    credit: CreditStanding | None = None
