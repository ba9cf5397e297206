"""Data that agencies share: items, the three lists and the catalogue, scenes, and calls. Source: 国务院令第809号; facts of standards, section 7."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from contracts.api.gateway.resources import GradeNumber, ResourceState, Sharing
from contracts.strict import Answer, Choice, Count, Day, Document, Instant, Line, Model, Paragraph, clean_text
from contracts.values import BasicCode, CertificateTypeCode, CreditCode, DocumentType, Id, OfficerId, PartyId, PersonId

ItemCode = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9-]{1,60}$")]
FieldName = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Mode = Literal["verify", "query"]
Level = Literal["national", "city", "district"]
Provenance = Literal["official", "recalled", "illustrative"]
Url = Annotated[str, Field(strict=True, min_length=8, max_length=300, pattern=r"^https?://[!-~]+$")]
AgeSeconds = Annotated[int, Field(strict=True, ge=1, le=366 * 24 * 3600)]
SceneId = Id

_CLAIM_CHARACTERS: Final = 200


class _Sourced(Model):
    """`official` names where it was read; everything else is not guidance."""

    provenance: Provenance
    source: Line | None = None

    @model_validator(mode="after")
    def _official_has_a_source(self) -> "_Sourced":
        if self.provenance == "official" and not self.source:
            msg = "what is official says where it was read"
            raise ValueError(msg)
        return self


class ItemField(Model):
    name: FieldName
    zh: Line
    en: Line
    grade: GradeNumber


class PublishItem(_Sourced):
    """A data item, or its next version, offered by the agency that answers for it.

    `modes` is how it may be asked: yes or no about what is claimed (verify), or what is known (query). An answer is stale
    when it is older than `max_age_s`; with `refuses_stale` a stale one is not passed on. `quota_per_day` bounds the calls of
    everybody together. `url` is where the supplier answers `POST {url}/verifications` and `POST {url}/queries`.
    The names after it are those of the catalogue. Source: GB/T 39046-2020 table 16.
    """

    code: ItemCode
    name: Line
    en: Line
    level: Level
    about: Literal["person", "organisation"] = "person"
    fields: Annotated[list[ItemField], Field(min_length=1, max_length=100)]
    sharing: Sharing
    modes: Annotated[list[Mode], Field(min_length=1, max_length=2)]
    max_age_s: AgeSeconds
    refuses_stale: bool = False
    quota_per_day: Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
    url: Url
    result_name: Line
    summary: Paragraph
    domain: Line
    update_cycle: Line
    quality_owner: Line

    @model_validator(mode="after")
    def _names_each_once(self) -> "PublishItem":
        names = [each.name for each in self.fields]
        if len(set(names)) != len(names) or len(set(self.modes)) != len(self.modes):
            msg = "a field or a mode is named twice"
            raise ValueError(msg)
        return self


class DataItem(Answer):
    """`grade` is that of its most sensitive field. `url` is shown to its owner and to operators only."""

    code: str
    version: int
    name: str
    en: str
    owner: CreditCode
    owner_name: str
    level: Level
    about: str
    fields: list[ItemField]
    grade: int
    sharing: Sharing
    modes: list[Mode]
    max_age_s: int
    refuses_stale: bool
    quota_per_day: int
    update_cycle: str
    quality_owner: str
    state: Literal["proposed", "refused", "active", "deprecated", "retired"]
    provenance: Provenance
    url: str | None = None
    published_by: OfficerId | None = None
    reviewed_by: OfficerId | None = None
    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None
    successor: str | None = None


class AnswerProposal(Model):
    """A refusal says why."""

    outcome: Literal["approve", "refuse"]
    reason: Paragraph | None = None

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> "AnswerProposal":
        if self.outcome == "refuse" and not self.reason:
            msg = "a refusal states its reason"
            raise ValueError(msg)
        return self


class LeaveItem(Model):
    """The owner, or an operator, takes an item out of use: announced (deprecated, with an end if known) or at once (retired)."""

    state: Literal["deprecated", "retired"]
    sunset_at: Instant | None = None
    successor: ItemCode | None = None
    reason: Paragraph


class FileDemand(_Sourced):
    """需求清单: which item is needed for which matter, and why. The item need not exist yet."""

    matter: BasicCode
    item: ItemCode
    item_name: Line
    purpose: Line
    basis: Line
    frequency: Line


class Demand(Answer):
    """`is_open` while no agency has the duty to supply it."""

    id: Id
    demander: PartyId
    demander_name: str
    agency: CreditCode | None = None
    matter: BasicCode
    item: str
    item_name: str
    purpose: str
    basis: str
    frequency: str
    provenance: Provenance
    source: str | None = None
    filed_by: OfficerId
    filed_at: Instant
    withdrawn_at: Instant | None = None
    is_open: bool


class AssignDuty(_Sourced):
    """责任清单: which agency must supply the item, and how fresh. An agency that publishes an item takes its duty itself."""

    item: ItemCode
    supplier: CreditCode
    supplier_name: Line
    update_cycle: Line
    quality_owner: Line
    basis: Line
    due_on: Day | None = None


class Duty(Answer):
    """`is_met` while the item is in use."""

    item: str
    supplier: CreditCode
    supplier_name: str
    update_cycle: str
    quality_owner: str
    basis: str
    due_on: Day | None = None
    provenance: Provenance
    source: str | None = None
    since: Instant
    is_met: bool


class EnterNegative(_Sourced):
    """负面清单: an item that may not be shared, on which basis, and when that is looked at again."""

    item: ItemCode
    reason: Line
    basis: Line
    review_on: Day


class Negative(Answer):
    item: str
    reason: str
    basis: str
    review_on: Day
    provenance: Provenance
    source: str | None = None
    entered_by: OfficerId
    entered_at: Instant
    is_review_due: bool


class LiftNegative(Model):
    """Content of a change by two officers: the item may be shared again."""

    item: ItemCode
    reason: Line


class CatalogueEntry(Answer):
    """公共数据资源目录. Source: GB/T 39046-2020 table 16: 事项名称 (here codes), 办结结果名称, 是否电子证照, 应用场景, 提供方, 摘要,
    提供渠道, 所属领域, 更新周期."""

    kind: Literal["data-item", "certificate-type"]
    code: str
    name: str
    en: str
    matters: list[BasicCode]
    result_name: str
    is_certificate: bool
    scenes: list[str]
    supplier: str
    summary: str
    channel: str
    domain: str
    update_cycle: str
    level: Level | None = None
    grade: int
    sharing: Sharing
    modes: list[Mode]
    version: int
    state: ResourceState
    provenance: Provenance
    is_refused_by_list: bool
    """On the negative list."""


class SceneItem(Model):
    """What a scene may ask of an item. A query of an item that can be verified says why yes or no is not enough."""

    item: ItemCode
    mode: Mode = "verify"
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=100)]
    why_query: Line | None = None


class ApplyScene(_Sourced):
    """场景授权: an application scene, asked for by the agency that is to use it. Days are those of the city, both included."""

    name: Line
    matters: Annotated[list[BasicCode], Field(min_length=1, max_length=50)]
    items: Annotated[list[SceneItem], Field(max_length=50)] = []
    certificate_types: Annotated[list[CertificateTypeCode], Field(max_length=50)] = []
    purpose: Line
    basis: Line
    daily_cap: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    valid_from: Day
    valid_to: Day

    @model_validator(mode="after")
    def _asks_for_something_for_a_time(self) -> "ApplyScene":
        codes = [each.item for each in self.items]
        if not codes and not self.certificate_types:
            msg = "a scene names an item or a certificate type"
            raise ValueError(msg)
        if len(set(codes)) != len(codes):
            msg = "an item is named twice"
            raise ValueError(msg)
        if self.valid_to < self.valid_from:
            msg = "a scene does not end before it begins"
            raise ValueError(msg)
        return self


class SceneApproval(Answer):
    """`side` is the supplier's credit code, or `operator`."""

    side: str
    outcome: Literal["approve", "refuse"]
    by: OfficerId
    at: Instant
    reason: str | None = None


class Scene(Answer):
    """`awaits` are the sides whose answer is missing, due on `reply_due_on` (working days; provisional beyond the known calendar)."""

    id: SceneId
    demander: PartyId
    demander_name: str
    agency: CreditCode | None = None
    name: str
    matters: list[BasicCode]
    items: list[SceneItem]
    certificate_types: list[CertificateTypeCode]
    purpose: str
    basis: str
    provenance: Provenance
    daily_cap: int
    valid_from: Day
    valid_to: Day
    state: Literal["applied", "approved", "refused", "revoked", "expired"]
    applied_by: OfficerId
    applied_at: Instant
    reply_due_on: Day
    is_reply_due_provisional: bool
    awaits: list[str]
    approvals: list[SceneApproval]
    revoked_by: OfficerId | None = None
    revoked_at: Instant | None = None
    revoked_for: str | None = None


class RevokeScene(Model):
    reason: Line


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


class CallsOfDay(Answer):
    """Calls of a scene or an item on one day; `limit` is its daily cap or quota."""

    what: str
    day: Day
    calls: Count
    limit: Count


class SupplierSubject(Answer):
    """Whom a supplier is asked about: a person by a document, an organisation by its credit code (`type` is then `USCC`)."""

    name: str
    type: str
    number: str
    country: str | None = None


class _ToSupplier(Answer):
    """What every call tells the supplier: for which case, in which scene, why, for whom, and by which request of ours."""

    item: str
    version: int
    scene: SceneId
    purpose: str
    case: str
    demander: str
    request_id: str
    subject: SupplierSubject


class SupplierVerify(_ToSupplier):
    """`POST {url}/verifications`."""

    claims: dict[str, Any]


class SupplierQuery(_ToSupplier):
    """`POST {url}/queries`."""

    fields: list[str]


class SupplierVerified(Model):
    """The supplier's answer names exactly the claimed fields; null where it does not know."""

    matches: dict[FieldName, bool | None]
    as_of: Instant


class SupplierQueried(Model):
    """The supplier's answer names fields that it was asked for, no others; `values` is null for somebody it does not know."""

    values: Document | None
    as_of: Instant
