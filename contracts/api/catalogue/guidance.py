"""What is asked of guiding, and its answers: personal guides, pre-judgement, tables that can be read, pre-review."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.catalogue.elements import Code, Element, Fee, Material, Step
from contracts.api.catalogue.guides import HeldMaterial
from contracts.api.catalogue.guiding import Choice, GuidingQuestion, Input, InputKind, Name, Situations, Value, Verdict
from contracts.strict import Answer, Document, Model
from contracts.values import TaskCode


class SituationTree(Answer):
    """The question tree of a matter; `first` is the question it begins with."""

    task_code: TaskCode
    version: int
    first: str
    situations: Situations
    illustrative: bool
    notice: str | None


class GuideMaterial(Answer):
    """A material of a personal guide, and how this person meets it; unknown where nobody is signed on."""

    material: Material
    met: HeldMaterial


class GuideField(Answer):
    """A field of the form, titled in both languages; `is_prefilled` if the city fills it in for whoever is signed on."""

    name: str
    title: str
    is_prefilled: bool


class PersonalGuide(Answer):
    """办事指南 of one situation: exactly the conditions, materials, steps, fees and fields of whoever is in it.

    While the answers do not end in a situation, `question` is the one that comes next, and the lists are empty. `item_code` has 33
    characters.
    """

    task_code: TaskCode
    version: int
    answers: dict[str, str]
    question: GuidingQuestion | None = None
    situation: str | None = None
    item_code: str | None = None
    zh: str | None = None
    en: str | None = None
    is_quick: bool = False
    conditions: list[Element] = []
    materials: list[GuideMaterial] = []
    steps: list[Step] = []
    fees: list[Fee] = []
    fields: list[GuideField] = []
    illustrative: bool
    notice: str | None


class AskEligibility(Model):
    """What the person says of themself: input → value. What is left out is taken from what the city knows, if they are signed on."""

    inputs: Annotated[dict[Name, Value], Field(max_length=20)] = {}


class UsedInput(Answer):
    """An input that was known. `source` is `given`, or who vouches for it."""

    name: str
    value: Value
    source: str


class MissingInput(Answer):
    """An input on which the answer depends, and how it can be asked for."""

    name: str
    zh: str
    en: str
    kind: InputKind
    allowed: list[Choice] = []


class Ground(Answer):
    """A row that decides, with the legal element it follows."""

    row: str
    zh: str
    en: str
    rule: Element


class Eligibility(Answer):
    """预判. `answer` is yes or no only if every possible value of what is not known leads to it; `grounds` are then the rows that may
    decide, one if all is known. An unknown answer names what is `missing`; without that, an official has to look at the case."""

    task_code: TaskCode
    version: int
    table: str
    answer: Verdict
    zh: str
    en: str
    grounds: list[Ground]
    missing: list[MissingInput]
    inputs: list[UsedInput]
    illustrative: bool
    notice: str | None


class ReadableCell(Answer):
    input: str
    zh: str
    en: str


class ReadableRow(Answer):
    """A row as sentences: `zh` 「如果 …，则 …」, `en` "If …, then …"."""

    id: str
    zh: str
    en: str
    cells: list[ReadableCell]
    outcome: Verdict
    reason_zh: str
    reason_en: str
    rule: Element


class ReadableTable(Answer):
    task_code: TaskCode
    version: int
    code: str
    zh: str
    en: str
    inputs: list[Input]
    rows: list[ReadableRow]
    illustrative: bool
    notice: str | None


class AskPrereview(Model):
    """What would be submitted: the situation's answers, the values typed, and the codes of the materials at hand."""

    answers: dict[Code, Code] = {}
    values: Document = {}
    materials: Annotated[list[Code], Field(max_length=50)] = []


class PrereviewPoint(Answer):
    """`by_hand`: nothing a machine can tell; the applicant looks at it before sending."""

    id: str
    subject: str
    zh: str
    en: str
    status: Literal["met", "failed", "by_hand"]


class Prereview(Answer):
    """预审. `is_ready` when no point failed."""

    task_code: TaskCode
    version: int
    points: list[PrereviewPoint]
    is_ready: bool
