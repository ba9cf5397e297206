"""数据共享核验: calls for data about a party to a case."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema

from contracts.api.gateway.sharing.words import FieldName, SceneId
from contracts.strict import Answer, Choice, Instant, Line, Model, clean_text
from contracts.values import CreditCode, DocumentType, PersonId

_CLAIM_CHARACTERS: Final = 200


class SubjectDocument(Model):
    """The subject by a document of theirs; it must be that of a party to the case."""

    type: Choice[DocumentType]
    number: Annotated[Line, Field(max_length=40)]


def _kind_of_subject(said: Any) -> str:
    if isinstance(said, dict | SubjectDocument):
        return "document"
    return "applicant" if said == "applicant" else "person"


Subject = Annotated[
    Annotated[Literal["applicant"], Tag("applicant")] | Annotated[PersonId, Tag("person")] | Annotated[SubjectDocument, Tag("document")],
    Discriminator(_kind_of_subject),
]
"""The applicant of the case, or another party to it by id or document."""


def _plain(value: Any) -> Any:
    """Raises ValueError for anything but a short text, a truth value or a number."""
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str) or not 1 <= len(value) <= _CLAIM_CHARACTERS:
        msg = f"a claim is a truth value, a number or a text of at most {_CLAIM_CHARACTERS} characters"
        raise ValueError(msg)
    return clean_text(value)


Claim = Annotated[Any, AfterValidator(_plain), WithJsonSchema({"type": ["string", "boolean", "number"]})]


class VerifyData(Model):
    """Is what is claimed of the subject true? `claims` are values by field. Each call counts, also when it is repeated."""

    scene: SceneId
    subject: Subject = "applicant"
    claims: Annotated[dict[FieldName, Claim], Field(min_length=1, max_length=100)]


class VerifiedData(Answer):
    """`matches`: true, false, or null where the supplier does not know. `source` is who says so, `as_of` of when that is."""

    item: str
    version: int
    matches: dict[str, bool | None]
    source: str
    source_code: CreditCode
    as_of: Instant
    is_stale: bool
    asked_at: Instant


class QueryData(Model):
    """What is known of the subject in these fields? Each call counts, also when it is repeated."""

    scene: SceneId
    subject: Subject = "applicant"
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=100)]


class QueriedData(Answer):
    """`values` is null where the supplier knows nothing of the subject."""

    item: str
    version: int
    values: dict[str, Any] | None
    source: str
    source_code: CreditCode
    as_of: Instant
    is_stale: bool
    asked_at: Instant
