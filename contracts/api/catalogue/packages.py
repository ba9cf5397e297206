"""Packages 一件事: several matters that one event of life asks for, done as one thing.

A situation is one way through a package's questions, written `married.hospital`. Source: ADR-0043; 国办发〔2022〕32号.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.api.catalogue.elements import Code, Provenance
from contracts.api.catalogue.forms import FieldName
from contracts.strict import Answer, Count, Day, Instant, Line, Model, Paragraph
from contracts.values import BasicCode, OfficerId, TaskCode

Conditions = dict[Code, Annotated[list[Code], Field(min_length=1)]]
"""Question → the choices with which something holds; all questions named must fit. Empty: always."""
PackageState = Literal["named", "listed", "complete"]
"""Only its name is known; its parts are known by name; its steps are matters of the catalogue and it can be applied for."""
Fault = Literal[
    "unknown",
    "incomplete",
    "too-many-situations",
    "not-published",
    "cycle",
    "unreachable",
    "two-producers",
    "too-late",
    "no-producer",
    "beyond-promise",
]


class Said(Model):
    """The same in two languages."""

    zh: Paragraph
    en: Paragraph


class Things(Model):
    """Fields of the dictionary and materials by their codes in matters: what is asked for, needed or produced."""

    fields: list[FieldName] = []
    materials: list[Code] = []


class PackageListing(Model):
    """A published list that names the package: at which entry, by which name, and by when it is to work."""

    list_code: Code
    entry: Line | None = None
    name: Line
    by_on: Day | None = None
    provenance: Provenance
    source: Line | None = None


class PackagePart(Model):
    """A part that is known by name."""

    name: Line
    provenance: Provenance


class PackageChoice(Model):
    code: Code
    zh: Line
    en: Line


class PackageQuestion(Model):
    """A question of the tree that leads to a situation; `when` earlier answers make it one."""

    code: Code
    zh: Line
    en: Line
    choices: Annotated[list[PackageChoice], Field(min_length=2, max_length=12)]
    when: Conditions = {}


class OnlyWhen(Things):
    """Things that a matter asks for, but here in these situations alone."""

    when: Annotated[Conditions, Field(min_length=1)]


class PackageItem(Model):
    """A step: a matter of the catalogue, in the situations of `when`, after the steps of `depends_on` that are in them too.

    What it needs is what the matter asks for, less `only_when` in other situations. `produces` is what its result gives to
    later steps. `working_days` is the promise within the package, the matter's own where it is None.
    """

    code: Code
    basic_code: BasicCode
    when: Conditions = {}
    depends_on: list[Code] = []
    only_when: list[OnlyWhen] = []
    produces: Things = Things()
    working_days: Annotated[int, Field(ge=0, le=365)] | None = None
    delivered: Literal["together", "alone"] = "together"
    provenance: Provenance


class Package(Model):
    """一件事. `lead` is the function of the agency in charge; `asks` all that its one form may ask the applicant for."""

    code: Code
    name: Line
    en: Line
    aliases: list[Line] = []
    served: Literal["person", "enterprise"]
    life_event: Line
    lead: Line | None = None
    listed: list[PackageListing] = []
    parts: list[PackagePart] = []
    questions: Annotated[list[PackageQuestion], Field(max_length=8)] = []
    items: Annotated[list[PackageItem], Field(max_length=40)] = []
    asks: Things = Things()
    promised_working_days: Annotated[int, Field(ge=0, le=365)] | None = None
    notice: Said | None = None
    delivery: Said | None = None
    provenance: Provenance


class PackageFault(Answer):
    """A rule that the package breaks, with a shortest counter-example: `steps` in their order, in `situation`."""

    fault: Fault
    situation: str | None = None
    steps: list[str] = []
    thing: str | None = None
    working_days: int | None = None
    zh: str
    en: str


class PackageDraft(Answer):
    """A draft of an agency's, with what would refuse it; `revision` counts its changes, `drafted_by` are all who made them."""

    revision: int
    drafted_by: list[OfficerId]
    drafted_at: Instant
    package: Package
    faults: list[PackageFault]


class PublishPackage(Model):
    """The revision that was reviewed, and from which day on it is in force (today's date at the earliest)."""

    revision: Count
    effective_on: Day


class PackageFound(Answer):
    code: str
    version: int
    name: str
    en: str
    served: str
    life_event: str
    state: PackageState
    promised_working_days: int | None
    illustrative: bool


class PackageVersion(Answer):
    """A published version; it never changes. `notice_of_provenance` is printed wherever the package is shown."""

    version: int
    effective_on: Day
    published_at: Instant
    state: PackageState
    provenance: Provenance
    illustrative: bool
    notice_of_provenance: str | None
    package: Package


class PackageSituation(Answer):
    code: str
    zh: str
    en: str
    answers: dict[str, str]


class PackageSituations(Answer):
    code: str
    version: int
    questions: list[PackageQuestion]
    situations: list[PackageSituation]


class PlannedStep(Answer):
    """One step in a situation; days are working days since the package was accepted."""

    code: str
    basic_code: BasicCode
    name: str
    after: list[str]
    starts_after_days: int
    ends_after_days: int
    delivered: Literal["together", "alone"]
    needs: Things
    produces: Things


class PlannedInput(Answer):
    """A field or material of all steps together, and how the package comes by it: `source` names the step or the city's data."""

    kind: Literal["field", "material"]
    name: str
    zh: str
    en: str | None
    how: Literal["asked", "held", "produced"]
    source: str | None
    is_required: bool
    steps: list[str]


class PackageCourse(Answer):
    """What intake works by: the plan in one situation, and who implements each step for people of one division."""

    plan: "PackagePlan"
    task_codes: dict[str, TaskCode]


class PackagePlan(Answer):
    """How a package goes in one situation: stages of parallel steps, one form, one set of materials, one notice, one delivery.

    `inputs_before` adds up what the matters ask for one by one; `inputs_after` is what the applicant gives once.
    """

    code: str
    version: int
    name: str
    situation: PackageSituation
    stages: list[list[str]]
    steps: list[PlannedStep]
    inputs: list[PlannedInput]
    form_schema: dict[str, Any]
    inputs_before: int
    inputs_after: int
    removed: float
    longest_path: list[str]
    longest_working_days: int
    promised_working_days: int
    notice: Said | None
    delivery: Said | None
    delivered_together: list[str]
    provenance: Provenance
    illustrative: bool
