"""What a person does with their own account: documents, corrections, merging, export and closing. Source: PIPL Arts. 45-47."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.identity.persons import GivenDocument, KnownPassword, SecondProof, SmsCode
from contracts.strict import Agreed, Answer, Instant, Line, Model
from contracts.values import DocumentId, MergeId, OfficerId, PersonId, PersonName, Phone

WebAddress = Annotated[Line, Field(pattern=r"^https://[!-~]{1,190}$")]


class AddDocument(Model):
    """`name` is needed while the account has none; a resident number then needs a second proof as at registration."""

    document: GivenDocument
    name: PersonName | None = None
    second_proof: SecondProof | None = None


class DocumentAdded(Answer):
    """`merge_id` when the document cannot be recorded before another account becomes part of this one."""

    document_id: DocumentId | None = None
    merge_id: MergeId | None = None
    assurance: int


class CorrectName(Model):
    item: Literal["name"]
    name: PersonName


class CorrectPhone(Model):
    """The code is the one sent to the new phone."""

    item: Literal["phone"]
    phone: Phone
    sms_code: SmsCode


class CorrectDocument(Model):
    """Another number, or a newer card, in the place of one of mine."""

    item: Literal["document"]
    document_id: DocumentId
    document: GivenDocument


Correct = Annotated[CorrectName | CorrectPhone | CorrectDocument, Field(discriminator="item")]


class Corrected(Answer):
    item: str
    corrected_at: Instant


class Address(Model):
    """Source: OpenID Connect Core 5.1.1."""

    formatted: Annotated[Line, Field(max_length=500)] | None = None
    street_address: Line | None = None
    locality: Line | None = None
    region: Line | None = None
    postal_code: Annotated[Line, Field(max_length=20)] | None = None
    country: Line | None = None


class Declared(Model):
    """What I say of myself; absent fields stay, `null` takes one back. Source: OpenID Connect Core 5.1.

    The parts of a name are among it, because documents vouch for a name as a whole only.
    """

    given_name: Line | None = None
    family_name: Line | None = None
    middle_name: Line | None = None
    nickname: Line | None = None
    preferred_username: Line | None = None
    profile: WebAddress | None = None
    picture: WebAddress | None = None
    website: WebAddress | None = None
    email: Annotated[Line, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,135}$")] | None = None
    gender: Literal["female", "male", "other"] | None = None
    zoneinfo: Annotated[Line, Field(pattern=r"^[A-Za-z_+-]+(/[A-Za-z0-9_+-]+){0,2}$")] | None = None
    locale: Annotated[Line, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None = None
    address: Address | None = None


class Superseded(Answer):
    """A value that another took the place of."""

    item: str
    value: str
    source: str
    since: Instant
    until: Instant


class History(Answer):
    items: list[Superseded]


class ProveOther(Model):
    """The password of the other account, whoever's it is."""

    password: KnownPassword


class MergeAtWindow(Model):
    """An officer saw both documents of one person: the account of `other` becomes part of that of `document`."""

    document: GivenDocument
    other: GivenDocument
    name: PersonName


class Merged(Answer):
    person_id: PersonId
    assurance: int
    merged_at: Instant


class PhoneProof(Model):
    phone: Phone
    sms_code: SmsCode


class CheckAtWindow(Model):
    """An officer saw the person with the document. An account that is not there yet is opened by `opening`."""

    name: PersonName
    document: GivenDocument
    opening: PhoneProof | None = None


class CheckedAtWindow(Answer):
    person_id: PersonId
    assurance: int
    officer: OfficerId
    is_new: bool


class Close(Model):
    """I know that this cannot be taken back."""

    confirms: Agreed


class Closed(Answer):
    """`kept` says in words what the law has us keep, and `kept_until` for how long."""

    closed_at: Instant
    kept: list[str]
    kept_until: Instant
