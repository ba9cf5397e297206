"""Cards 红黄牌 of electronic supervision, the calendar that the clock counts by, and promises tried on last month."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Day, Instant, Line, Model, Paragraph
from contracts.values import CardId, CaseNumber, CreditCode, DivisionCode, OfficerId, TaskCode

RuleCode = Literal["R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10"]
Colour = Literal["blue", "yellow", "red"]
Hour = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
PromisedDays = Annotated[int, Field(ge=0, le=365)]


class SupervisionRule(Answer):
    """On what, under which condition, a card of which colour is raised. `to_supervisor`: whoever supervises the agency sees it too."""

    rule: RuleCode
    colour: Colour
    to_supervisor: bool
    object_zh: str
    object_en: str
    condition_zh: str
    condition_en: str


class CardOccasion(Answer):
    """Something that a card is about: a term that was missed, an attempt that was refused."""

    note: str | None
    at: Instant


class Card(Answer):
    """A card of one case: the one open card of its rule. `note` says what it was raised about, `occasions` everything that it came to
    be about until it was answered, first things first. It is answered once and never deleted."""

    card_id: CardId
    number: CaseNumber
    rule: RuleCode
    colour: Colour
    to_supervisor: bool
    zh: str
    en: str
    note: str | None
    occasions: list[CardOccasion] = []
    task_code: TaskCode
    agency: CreditCode
    division: DivisionCode
    raised_at: Instant
    answered_at: Instant | None = None
    answered_by: OfficerId | None = None
    answer: str | None = None


class AnswerCard(Model):
    """Why it came to this, and what was done."""

    answer: Paragraph


class CaseClock(Answer):
    """When the terms of a case that run now end, each at the close of business of its last day; None does not run.

    `received_at` is when the case counts as received. `is_provisional`: a later notice of holidays may move a day.
    """

    received_at: Instant
    is_provisional: bool
    prereview_due_at: Instant | None = None
    intake_due_at: Instant | None = None
    correction_due_at: Instant | None = None
    promise_due_at: Instant | None = None
    statutory_due_at: Instant | None = None
    step_due_at: Instant | None = None
    suspension_due_at: Instant | None = None
    result_due_at: Instant | None = None


class CalendarVersion(Answer):
    """One version: the notice of a `year`, or the office hours of a `unit` (of all others where it is None)."""

    version: int
    year: int | None = None
    off: list[Day] = Field(default_factory=list)
    worked: list[Day] = Field(default_factory=list)
    unit: str | None = None
    opens: Hour | None = None
    closes: Hour | None = None
    source: str
    imported_by: str
    imported_at: Instant


class ImportNotice(Model):
    """部分节假日安排: the weekdays off (and weekends named with them) and the weekend days worked that the notice of a year names."""

    year: Annotated[int, Field(ge=2020, le=2100)]
    off: Annotated[list[Day], Field(min_length=1, max_length=60)]
    worked: Annotated[list[Day], Field(max_length=30)]
    source: Line


class SetHours(Model):
    """Office hours where the city is, of one unit or of all that have none of their own."""

    unit: Line | None = None
    opens: Hour
    closes: Hour
    source: Line


class PromiseRecount(Answer):
    """How many of the cases of a matter that were decided in a month would have been late under another promise."""

    task_code: TaskCode
    promised_working_days: int
    month: str
    total: int
    late: int
