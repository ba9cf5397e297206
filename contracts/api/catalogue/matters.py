"""Matters as a department hands them in."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.api.catalogue.elements import (
    Channel,
    Commitment,
    Contact,
    Delegation,
    Delivery,
    Element,
    Fee,
    Limit,
    Material,
    Question,
    Reach,
    Remedy,
    Result,
    Served,
    SpecialProcedure,
    Step,
)
from contracts.api.catalogue.forms import AskedAnyway, FormField, Section
from contracts.api.catalogue.guiding import Guiding
from contracts.api.catalogue.packages import Package
from contracts.api.catalogue.points import ServicePoint
from contracts.strict import Answer, Line, Model
from contracts.values import BasicCode, CreditCode, DivisionCode, TaskCode


class Division(Model):
    code: DivisionCode
    zh: Line
    en: Line


class Agency(Model):
    """实施主体. `area` is the street (9 digits) or community (12) that it serves, where it serves no whole division."""

    code: CreditCode
    name: Line
    division: DivisionCode
    function: Line
    area: Annotated[str, Field(pattern=r"^(?:[0-9]{9}|[0-9]{12})$")] | None = None


Place = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
"""A division (6 digits), a street (9) or a community (12). Source: GB/T 2260; GB/T 10114."""


class Competence(Answer):
    """Whose a matter is for a place: `task_code` decides. Without one the place says too little, and it is one of the `candidates`;
    or it is nobody's there, where there are none."""

    basic_code: BasicCode
    place: Place
    task_code: TaskCode | None
    candidates: list[TaskCode] = []


_NEVER_DIFFERS: Final = {
    "name": "名称 name",
    "basic_code": "基本编码 basic code",
    "basis": "设定依据 legal basis",
    "matter_type": "事项类型 type",
    "statutory": "法定时限 statutory limit",
}


class Implementation(Model):
    """What one agency says of a matter where that differs from what all say: place, time, contacts, a shorter promise, fewer
    materials; and to whom it has delegated. None and empty lists: as the level above."""

    task_code: TaskCode
    local_task_code: Line | None = None
    places: list[Element] | None = None
    hours: list[Element] | None = None
    contacts: list[Contact] | None = None
    promised: Limit | None = None
    without_materials: list[str] = []
    delegations: list[Delegation] = []
    reason: Element | None = None

    @model_validator(mode="before")
    @classmethod
    def _only_what_may_differ(cls, said: Any) -> Any:
        """Refuses by a rule of its own what no level may say otherwise. Source: ADR-0038."""
        for name in said if isinstance(said, dict) else ():
            if name in _NEVER_DIFFERS:
                told = f"{_NEVER_DIFFERS[name]}: 各级一致，不得改动 the same at every level"
                raise PydanticCustomError("never_differs", "{rule}", {"rule": told, "zh": f"{_NEVER_DIFFERS[name]}：各级一致，不得改动"})
            if name == "materials":
                raise PydanticCustomError(
                    "more_materials",
                    "材料只可减少（without_materials） a level asks for fewer materials, never for more",
                    {"zh": "材料只可减少，不得增加"},
                )
        return said


class Matter(Model):
    """事项 with all elements of its guide, as all who implement it say it. `form` lists names of the dictionary of fields,
    `layout` puts each of them into one section; a matter that says no layout has one section for each group of fields.

    `level` is the exercise level (GB/T 39046 A.2) of the highest implementation: 2 for a bureau of a municipality, 4 a district,
    5 a street, 6 a community. `city_wide_exception` is why a personal matter is on the negative list of 全市通办. `automatic` says by
    what rule it is decided at once without an officer 秒批, where it is.
    """

    basic_code: BasicCode
    local_basic_code: Line | None = None
    name: Line
    en: Line | None = None
    aliases: list[Line] = []
    level: Annotated[int, Field(ge=1, le=7)]
    themes: list[Line]
    life_events: list[Line] = []
    served: list[Served]
    depth: Annotated[list[Annotated[int, Field(ge=1, le=8)]], Field(min_length=1)]
    visits: Annotated[int, Field(ge=0, le=5)]
    visit_reason: Element | None = None
    is_immediate: bool
    channels: Annotated[list[Channel], Field(min_length=1)]
    basis: Annotated[list[Element], Field(min_length=1)]
    conditions: Annotated[list[Element], Field(min_length=1)]
    materials: Annotated[list[Material], Field(max_length=50)]
    steps: Annotated[list[Step], Field(min_length=1)]
    statutory: Limit
    promised: Limit
    special_procedures: list[SpecialProcedure] = []
    fees: list[Fee] = []
    places: Annotated[list[Element], Field(min_length=1)]
    hours: list[Element] = []
    contacts: list[Contact] = []
    results: Annotated[list[Result], Field(min_length=1)]
    remedies: list[Remedy] = []
    rights: list[Element] = []
    duties: list[Element] = []
    questions: list[Question] = []
    intermediaries: list[Element] = []
    joint_agencies: list[Line] = []
    quantity_limit: Element | None = None
    commitment: Commitment | None = None
    automatic: Element | None = None
    delivery: Delivery = Delivery()
    cross_region: list[Reach] = []
    city_wide_exception: Element | None = None
    form: Annotated[list[Line], Field(min_length=1)]
    layout: list[Section] = []
    asked_anyway: list[AskedAnyway] = []
    guiding: Guiding | None = None
    implementations: Annotated[list[Implementation], Field(min_length=1)]


class ImportCatalogue(Model):
    """A department's document. Everything in it is taken or nothing is. Packages become next versions, as matters do, and points are
    from now on as they are said.

    `local_terms` says what becomes of an agency's own terms (place, hours, contacts, a shorter promise, fewer materials,
    delegations) where the document says nothing of them: they are kept, or the document replaces them.
    """

    divisions: list[Division] = []
    agencies: list[Agency] = []
    fields: list[FormField] = []
    matters: list[Matter] = []
    packages: Annotated[list[Package], Field(max_length=500)] = []
    points: Annotated[list[ServicePoint], Field(max_length=5_000)] = []
    local_terms: Literal["keep", "replace"] = "keep"
    dry_run: bool = False
