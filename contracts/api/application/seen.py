"""Work lists, what officers are limited to, progress, live events, and the whole of one case."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.application.cases import Status, Step
from contracts.api.application.deliveries import Delivery
from contracts.api.application.returned import PermitNotice
from contracts.api.application.supervision import Card, CaseClock, Colour
from contracts.strict import Answer, Day, Instant, Line, Model
from contracts.values import BasicCode, CaseNumber, CreditCode, DivisionCode, OfficerId

Basics = Annotated[list[BasicCode], Field(max_length=1000)]


class WorkItem(Answer):
    """A case as a work list shows it. `due_at` is when its running term ends, absent where none runs; `card` the worst open card."""

    number: CaseNumber
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    status: Status
    revision: int
    submitted_at: Instant
    due_at: Instant | None = None
    card: Colour | None = None


class WorkList(Answer):
    """`count` is of the whole list, exact up to 1,000 and otherwise at least that; absent on the pages after the first."""

    items: list[WorkItem]
    next: str | None = None
    count: int | None = None
    is_count_exact: bool = True


class FindCases(Model):
    """By the beginning of a number, the beginning of a matter's name, or the applicant's whole number; every one given must hold."""

    number: Annotated[str, Field(pattern=r"^[0-9A-Z]{6,45}$")] | None = None
    matter_name: Line | None = None
    applicant_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{5,30}$")] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "FindCases":
        if not (self.number or self.matter_name or self.applicant_number):
            msg = "say what to look for"
            raise ValueError(msg)
        return self


class LimitOfficer(Model):
    """The matters that an officer sees; null: all of the unit's."""

    matters: Basics | None


class OfficerScope(Answer):
    officer: OfficerId
    matters: list[BasicCode]
    set_by: OfficerId
    set_at: Instant


class Slip(Answer):
    """What a hall prints for an applicant: with both, anybody may ask how far the case is."""

    short_number: str
    password: str


class AskProgress(Model):
    """The number of a slip and its password."""

    short_number: Annotated[str, Field(pattern=r"^[0-9A-Z]{10}$")]
    password: Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class Waiting(Answer):
    """What a case waits for: `whom` it waits for, in words, and until when, where a term runs."""

    whom: Literal["applicant", "agency", "certificate", "nobody"]
    zh: str
    en: str
    until: Instant | None = None


class Progress(Answer):
    """How far a case is. Nothing here says whose it is."""

    number: CaseNumber
    matter_name: str
    agency_name: str
    status: Status
    status_zh: str
    status_en: str
    submitted_at: Instant
    due_on: Day | None = None
    is_due_provisional: bool = False
    waits_for: Waiting
    steps: list[Step]


class Moved(Answer):
    """One live event: `id` is the place in the history to go on from; a client may see one twice and never misses one."""

    id: int
    number: CaseNumber
    at: Instant
    event: str
    zh: str
    en: str
    status: Status


class Notification(Answer):
    """What the applicant was told by which channel, and what became of it."""

    event: str
    zh: str
    en: str
    channel: Literal["sms", "push"]
    state: Literal["queued", "sending", "sent", "delivered", "failed"]
    attempts: int
    made_at: Instant
    sent_at: Instant | None = None
    delivered_at: Instant | None = None
    failure: str | None = None


class Span(Answer):
    """One piece of work on the case, in one process. `duration_us` is in microseconds."""

    trace_id: str
    span_id: str
    parent_id: str | None = None
    service: str
    name: str
    at: Instant
    duration_us: int


class Traces(Answer):
    """Of every request made for the case. Without `is_complete` the back end of traces is away: the links stay."""

    links: list[str]
    is_complete: bool
    spans: list[Span]


class CaseTimeline(Answer):
    """Everything that its applicant may know of a case's course."""

    progress: Progress
    clock: CaseClock | None = None
    notifications: list[Notification]


class Announced(Answer):
    """A move as it stands in the feed, for whom: the division, the agency that decides, or an agency that supervises."""

    revision: int
    event: str
    division: DivisionCode | None = None
    agency: CreditCode | None = None
    at: Instant


class WholeCase(Answer):
    """Everything that happened to a case, without anything that says whose it is.

    `receiving_unit` took it in at a window, `agency` decides, `delivering_unit` handed the result out; who did not is none.
    `announced` is what the feed has for those who ask, `deliveries` what was told to those who are called, each attempt with what
    became of it, `notices` what supervising agencies have to receive.
    """

    progress: Progress
    revision: int
    agency: CreditCode
    division: DivisionCode
    receiving_unit: str | None = None
    delivering_unit: str | None = None
    clock: CaseClock | None = None
    cards: list[Card]
    announced: list[Announced] = Field(default_factory=list)
    deliveries: list[Delivery] = Field(default_factory=list)
    notices: list[PermitNotice] = Field(default_factory=list)
    notifications: list[Notification]
    traces: Traces
