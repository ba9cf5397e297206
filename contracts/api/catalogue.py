"""Divisions, agencies and matters, as a department hands them in and as everybody reads them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.personal import DocumentText
from contracts.strict import Answer, Line, Model, Paragraph
from contracts.values import BasicCode, CertificateTypeCode, CreditCode, DivisionCode, TaskCode

Provenance = Literal["official", "recalled", "illustrative"]
Exemption = Literal["certificate", "data_check", "commitment", "agency_help"]
Channel = Literal["window", "pc", "mobile", "kiosk", "post"]


class Division(Model):
    code: DivisionCode
    zh: Line
    en: Line


class Agency(Model):
    code: CreditCode
    name: Line
    division: DivisionCode
    function: Line


class Element(Model):
    """One statement of a guide with where it comes from; `source` is the document for `official` ones."""

    text: Paragraph
    provenance: Provenance
    source: Line | None = None


class Material(Model):
    """材料. A material from the government names what replaces it and how."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    name: Line
    source: Literal["applicant", "government", "other"]
    is_required: bool
    exemption: Exemption | None = None
    certificate_type: CertificateTypeCode | None = None
    note: Line | None = None
    provenance: Provenance


class Step(Model):
    name: Line
    working_days: Annotated[int, Field(ge=0, le=365)]
    provenance: Provenance


class Limit(Model):
    """时限, in working days."""

    working_days: Annotated[int, Field(ge=0, le=365)]
    provenance: Provenance
    source: Line | None = None


class Result(Model):
    name: Line
    certificate_type: CertificateTypeCode | None = None
    provenance: Provenance


class Matter(Model):
    """事项 with all elements of its guide. `form` lists names of the dictionary of fields."""

    basic_code: BasicCode
    name: Line
    aliases: list[Line] = []
    level: Annotated[int, Field(ge=1, le=7)]
    themes: list[Line]
    served: list[Literal["person", "enterprise", "institution", "organisation"]]
    depth: Annotated[list[Annotated[int, Field(ge=1, le=8)]], Field(min_length=1)]
    visits: Annotated[int, Field(ge=0, le=5)]
    is_immediate: bool
    channels: Annotated[list[Channel], Field(min_length=1)]
    basis: Annotated[list[Element], Field(min_length=1)]
    conditions: Annotated[list[Element], Field(min_length=1)]
    materials: Annotated[list[Material], Field(max_length=50)]
    steps: Annotated[list[Step], Field(min_length=1)]
    statutory: Limit
    promised: Limit
    fees: list[Element] = []
    places: Annotated[list[Element], Field(min_length=1)]
    results: Annotated[list[Result], Field(min_length=1)]
    form: Annotated[list[Line], Field(min_length=1)]
    implementations: Annotated[list[TaskCode], Field(min_length=1)]


class FormField(Model):
    """A field of the dictionary: its JSON Schema, and from where it is prefilled, if it is."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    zh: Line
    en: Line
    value: dict[str, Any]
    source: Line | None = None


class ImportCatalogue(Model):
    """A department's document. Everything in it is taken or nothing is."""

    divisions: list[Division] = []
    agencies: list[Agency] = []
    fields: list[FormField] = []
    matters: list[Matter] = []
    dry_run: bool = False


class Imported(Answer):
    """How many matters got their first version, a new version, or stayed as they were.

    A changed field of the dictionary revises every published matter whose form has it.
    """

    created: int
    revised: int
    unchanged: int
    dry_run: bool


class Found(Answer):
    """A matter in a list of results, as implemented in one place."""

    task_code: TaskCode
    name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    is_immediate: bool
    visits: int
    promised_working_days: int
    illustrative: bool


class Guide(Answer):
    """办事指南 of one implementation. `illustrative` says that no department has confirmed it."""

    task_code: TaskCode
    version: int
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    provenance: Provenance
    illustrative: bool
    notice: str | None
    matter: Matter


class HeldMaterial(Answer):
    """How one material is met for this person: held, upload, waived or unknown."""

    code: str
    name: str
    how: Literal["held", "upload", "waived", "unknown"]
    certificate_name: str | None = None
    number_masked: DocumentText | None = None


class Readiness(Answer):
    """`complete` when the person has to upload nothing that is required."""

    task_code: TaskCode
    materials: list[HeldMaterial]
    complete: bool


class Definition(Answer):
    """What intake needs of a published version: form, materials, limits and result."""

    task_code: TaskCode
    version: int
    name: str
    matter_type: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    is_immediate: bool
    promised_working_days: int
    statutory_working_days: int
    form_schema: dict[str, Any]
    field_titles: dict[str, str]
    field_sources: dict[str, str]
    materials: list[Material]
    result_certificate_type: CertificateTypeCode | None
    illustrative: bool
    served: list[str] = []
