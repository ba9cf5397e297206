"""Forms: the dictionary of fields, who holds what they ask for, and how a matter lays them out."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from contracts.api.catalogue.elements import Code, Element
from contracts.rules import rule
from contracts.strict import Answer, Line, Model
from contracts.values import CertificateTypeCode, TaskCode

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
Applying = Literal["person", "organisation"]
"""Who applies: the city holds other things of a person than of an organisation."""
How = Literal["typed", "prefilled", "certificate", "data_item", "case"]
"""How a case comes by a value: the applicant types it, the form has it already, it stands in a used certificate, the agency
checks it against a registered data item, or the case has it by itself."""
Group = Literal[
    "applicant", "agent", "family", "organisation", "address", "place", "staff", "project", "vehicle", "animal", "money", "time", "matter", "delivery"
]  # fmt: skip
"""What a field is about; a matter without a layout of its own gets one section for each, in this order."""

_IN_CERTIFICATE: Final = rule(
    "source-certificate", "a source in a certificate names its type, and only it does", "来源为证照的须写明证照类型，其他来源不得写"
)
_IN_DATA_ITEM: Final = rule(
    "source-data-item", "a source in a data item names it, and only it does", "来源为数据项的须写明数据项，其他来源不得写"
)
_NO_MEMBER: Final = rule("source-member", "{holder} has no {member}", "{holder} 没有 {member} 这一项")
_PERSONS: Final = ("name", "resident_id", "phone", "sex", "birth_on")
_ORGANISATIONS: Final = ("name", "credit_code", "representative_name")
_MEMBERS: Final = {"person": _PERSONS, "organisation": _ORGANISATIONS, "case": ("number", "submitted_on", "matter", "agency", "division")}


class Source(Model):
    """Who holds a value: the verified identity of the person, the organisation's file, a certificate of a type, a registered
    data item, or the case itself. `member` is its name there; what was got more than `max_age_days` ago is got again, 0: each
    time. `zh` and `en` name the holder."""

    holder: Literal["person", "organisation", "certificate", "data_item", "case"]
    member: FieldName
    certificate_type: CertificateTypeCode | None = None
    data_item: Code | None = None
    max_age_days: Annotated[int, Field(ge=0, le=3650)] = 0
    zh: Line
    en: Line

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.holder == "certificate") != (self.certificate_type is not None):
            raise ValueError(_IN_CERTIFICATE.broken())
        if (self.holder == "data_item") != (self.data_item is not None):
            raise ValueError(_IN_DATA_ITEM.broken())
        if self.member not in _MEMBERS.get(self.holder, (self.member,)):
            raise ValueError(_NO_MEMBER.broken(holder=self.holder, member=self.member))
        return self

    @property
    def path(self) -> str:
        """As intake writes it: identity.name, certificate.<type>.<member>, data_item.<code>.<member>, case.number."""
        if self.holder == "person" or (self.holder, self.member) in _OF_ORGANISATIONS:
            return f"identity.{self.member}"
        if self.holder == "organisation":
            return f"identity.organisation_{self.member}"
        return ".".join(part for part in (self.holder, self.certificate_type, self.data_item, self.member) if part)


_OF_ORGANISATIONS: Final = {("organisation", "credit_code"), ("organisation", "representative_name")}
_PERSON: Final = {"holder": "person", "zh": "统一身份认证的实名信息", "en": "the person's verified identity"}
_ORGANISATION: Final = {"holder": "organisation", "zh": "法人登记信息", "en": "the registration of the organisation"}
_BY_PATH: Final = {
    **{f"identity.{member}": {**_PERSON, "member": member} for member in _PERSONS},
    "identity.organisation_name": {**_ORGANISATION, "member": "name"},
    "identity.credit_code": {**_ORGANISATION, "member": "credit_code"},
    "identity.representative_name": {**_ORGANISATION, "member": "representative_name"},
}


def _or_path(schema: dict[str, Any]) -> None:
    """A source may still be said by its path, as before sources were typed."""
    schema["anyOf"] = [*schema.get("anyOf", ()), {"type": "string"}]


class FieldOption(Model):
    """One choice of a list."""

    value: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    zh: Line
    en: Line


class FormField(Model):
    """A field of the dictionary: its JSON Schema in words of both languages, what it is about, how sensitive it is (grades of
    `contracts.values.Grade`), and who holds it, if anybody does. `options` become the schema's `enum`. `ask_anyway` is why
    forms ask although somebody holds it."""

    name: FieldName
    zh: Line
    en: Line
    help_zh: Line | None = None
    help_en: Line | None = None
    group: Group = "matter"
    grade: Annotated[int, Field(ge=1, le=4)] = 2
    value: dict[str, Any]
    options: list[FieldOption] = []
    source: Annotated[Source | None, Field(json_schema_extra=_or_path)] = None
    ask_anyway: Line | None = None

    @field_validator("source", mode="before")
    @classmethod
    def _of_path(cls, source: Any) -> Any:
        """Versions from before sources were typed say where in identity a value is."""
        return _BY_PATH.get(source, source) if isinstance(source, str) else source


class Section(Model):
    """A part of a form. `optional` fields may be left empty; it is shown in the situations that `visible_when` names, always
    where it names none."""

    code: Code
    zh: Line
    en: Line
    fields: Annotated[list[FieldName], Field(min_length=1)]
    optional: list[FieldName] = []
    columns: Annotated[int, Field(ge=1, le=3)] = 1
    visible_when: list[Code] = []


class AskedAnyway(Model):
    """A field that this matter asks for although somebody holds it, and why."""

    field: FieldName
    reason: Element


class FieldOrigin(Answer):
    """Which field comes from whom. A typed field has a holder where one is known and asked past, with the `reason`."""

    name: str
    how: How
    path: str | None = None
    holder_zh: str
    holder_en: str
    max_age_days: int | None = None
    grade: int
    reason: str | None = None


class BlankForm(Answer):
    """A form before anybody fills it in: what is typed, what is there already, and what has to be uploaded.

    `form_schema` is JSON Schema 2020-12; each property is titled and described in Chinese and, by the extension `x-en`
    ({title, description, options}), in English. `is_kuaiban` is computed: at most 8 typed fields and nothing to upload.
    """

    task_code: TaskCode
    version: int
    situation: str | None
    applicant: Applying
    form_schema: dict[str, Any]
    layout: list[Section]
    fields: list[FieldOrigin]
    typed: list[str]
    uploads: list[str]
    is_kuaiban: bool
    illustrative: bool
    notice: str | None
