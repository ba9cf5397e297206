"""Guides, as everybody reads them, and what intake works by."""

from datetime import datetime
from typing import Any, Literal

from contracts.api.catalogue.elements import Delegation, Element, Fee, Material, Provenance, SpecialProcedure, Step
from contracts.api.catalogue.guiding import DecisionTable
from contracts.api.catalogue.matters import Matter
from contracts.personal import DocumentText
from contracts.strict import Answer
from contracts.values import CertificateTypeCode, CreditCode, DivisionCode, TaskCode


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
    is_haoban: bool = False
    is_kuaiban: bool = False


class Guide(Answer):
    """办事指南 of one implementation. `illustrative` says that no department has confirmed it.

    `matter` is as this implementation says it; what it does not say itself comes from those it `inherits_from`, the highest
    first. `delegated` is what others accept or decide in its name today.
    好办 and 快办 are computed from what the version says: `kuaiban` are the quick situations by code, and a matter without
    situations is quick as a whole.
    """

    task_code: TaskCode
    version: int
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    provenance: Provenance
    illustrative: bool
    notice: str | None
    matter: Matter
    effective_at: datetime | None = None
    inherits_from: list[TaskCode] = []
    delegated: list[Delegation] = []
    is_haoban: bool = False
    is_kuaiban: bool = False
    kuaiban: list[str] = []


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
    """What intake needs of a published version, in one situation if one is named: form, materials, limits and result.

    `field_sources` says where a value is that nobody types: `identity.<member>` in the profile of the applicant,
    `certificate.<type>.<member>` in a certificate used in the case, `data_item.<code>.<member>` with its supplier, `case.<member>`
    in the case. `city_wide_exception` is why only its own division takes the matter in, where it is on the negative list.
    `field_max_age_days` is how old what is there already may be (none: it is asked for each time), `basis` the first
    legal basis of the matter. `is_renewal` 延续: whether what the matter gives is renewed, where the situation or the matter says it. A matter `is_prejudged` by a table and `is_prereviewed` by points, if it has them.
    """

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
    delegated: list[Delegation] = []
    approval: DecisionTable | None = None
    city_wide_exception: str | None = None
    situation: str | None = None
    field_max_age_days: dict[str, int] = {}
    basis: str | None = None
    is_prejudged: bool = False
    is_prereviewed: bool = False
    conditions: list[Element] = []
    steps: list[Step] = []
    special_procedures: list[SpecialProcedure] = []
    fees: list[Fee] = []
    is_renewal: bool | None = None
