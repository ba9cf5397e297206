"""Guiding 精准指引: situations as question trees, decision tables that say who may apply, and points of pre-review.

Expressions are CEL over one `value` at a time, so that a table can be read by a lawyer and checked exactly. Source: ADR-0041.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.catalogue.elements import Code, Element, Provenance
from contracts.strict import Day, Line, Model, Paragraph

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Expression = Annotated[str, Field(min_length=1, max_length=200)]
Position = Annotated[int, Field(ge=1, le=200)]
InputKind = Literal["boolean", "integer", "text", "date"]
Verdict = Literal["yes", "no", "unknown"]
Value = bool | int | Annotated[str, Field(max_length=100)]
"""Of an input: a boolean, an integer, a text, or a date as YYYY-MM-DD."""


class Choice(Model):
    """A value that a text input can have."""

    value: Name
    zh: Line
    en: Line


class InputSource(Model):
    """From where the value of an input comes.

    `asked`: the person says it. `field`: what is prefilled into the field `name` of the dictionary, or the whole years since that
    day for `taken` = age. `certificate`: whether the person holds one of the type `name`. `data_item`: the registered item
    `name`, which can be called only within a case, so here the person says it.
    """

    kind: Literal["asked", "field", "certificate", "data_item"]
    name: Line | None = None
    taken: Literal["value", "age"] = "value"


class Input(Model):
    """What a table asks. A text has `allowed` values; an integer and a date may have bounds, which are possible values too."""

    name: Name
    zh: Line
    en: Line
    kind: InputKind
    allowed: Annotated[list[Choice], Field(max_length=40)] = []
    minimum: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    maximum: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    earliest: Day | None = None
    latest: Day | None = None
    source: InputSource


class Row(Model):
    """When every expression of `when` is true of its input, the outcome is this one. An input that is not named may be anything.

    `rule` is the legal element that the row follows.
    """

    id: Code
    when: dict[Name, Expression] = {}
    outcome: Verdict
    zh: Paragraph
    en: Paragraph
    rule: Element


class DecisionTable(Model):
    """A table in which exactly one row holds in every case (hit policy "unique" of DMN)."""

    code: Code
    zh: Line
    en: Line
    inputs: Annotated[list[Input], Field(min_length=1, max_length=10)]
    rows: Annotated[list[Row], Field(min_length=1, max_length=60)]


class Option(Model):
    """An answer to a question; it leads to another question, or ends in a situation."""

    value: Code
    zh: Line
    en: Line
    next: Code | None = None
    situation: Code | None = None


class GuidingQuestion(Model):
    id: Code
    zh: Line
    en: Line
    options: Annotated[list[Option], Field(min_length=2, max_length=20)]


class Situation(Model):
    """办理情形: what of the matter concerns whoever is in it. None stands for all of it.

    Materials by code, form fields by name; conditions, steps and fees by their place in the matter, counted from 1. `also` are
    conditions of this situation alone. `item` completes the task code to the 33 characters of a business item 业务办理项.
    `is_quick` 快办 promises at most 8 fields to type after prefill, and nothing to upload. `is_renewal` 延续 where it says otherwise
    than the matter.
    """

    code: Code
    zh: Line
    en: Line
    item: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None = None
    materials: list[Code] | None = None
    conditions: list[Position] | None = None
    also: list[Element] = []
    steps: list[Position] | None = None
    fees: list[Position] | None = None
    fields: list[Line] | None = None
    is_quick: bool = False
    is_renewal: bool | None = None
    provenance: Provenance


class Situations(Model):
    """A question tree. It begins with the first question."""

    questions: Annotated[list[GuidingQuestion], Field(min_length=1, max_length=60)]
    situations: Annotated[list[Situation], Field(min_length=2, max_length=100)]


class ReviewPoint(Model):
    """材料预审: what is looked at before a submission is sent: of a field an expression that must hold, of a material that it is
    given, and what the applicant should look at in it."""

    id: Code
    zh: Line
    en: Line
    material: Code | None = None
    field: Line | None = None
    holds: Expression | None = None
    provenance: Provenance


class Guiding(Model):
    """`approval` 秒批 says which cases are granted at once: `yes`, or `unknown` for those that an officer decides; it never says
    `no`. Its inputs are fields of the form, and whether a certificate of a type is used in the case."""

    situations: Situations | None = None
    eligibility: DecisionTable | None = None
    approval: DecisionTable | None = None
    prereview: Annotated[list[ReviewPoint], Field(max_length=60)] = []
