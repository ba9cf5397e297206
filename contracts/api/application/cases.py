"""Cases 办件 as their applicants see them."""

from typing import Literal

from pydantic import Field

from contracts.api.application.waivers import Owed
from contracts.api.catalogue.elements import Channel
from contracts.strict import Answer, Day, Instant
from contracts.values import (
    CaseNumber,
    CertificateIdentifier,
    CreditCode,
    DivisionCode,
    MandateId,
    OrganisationId,
    PersonId,
    TaskCode,
)

Status = Literal[
    "submitted",
    "prereview",
    "correction",
    "accepted",
    "not_accepted",
    "reviewing",
    "suspended",
    "granted",
    "refused",
    "producing",
    "delivering",
    "closed",
    "archived",
    "withdrawn",
    "terminated",
]


class Citation(Answer):
    """What of the guide is meant, by its place and with its words: material, condition, step or procedure."""

    ref: str
    text: str


class Notice(Answer):
    """一次性告知: everything that is to be supplied, told once. Source: 行政许可法 Art. 32(4). A later `step` asks for itself."""

    text: str
    materials: list[str]
    fields: list[str]
    requested_at: Instant
    cites: list[Citation] = Field(default_factory=list)
    step: int | None = None


class Suspended(Answer):
    """特别程序: the clock stands. `expected_working_days` is what the applicant was told."""

    procedure: str
    zh: str
    en: str
    reason: str
    since: Instant
    expected_working_days: int
    until: Instant | None = None


class Heard(Answer):
    """听证: it may be asked for until the end of the day `ask_until`, and is held by `hold_until`; announced are `opens_at`,
    `place` and the name of its `chair`."""

    told_at: Instant
    ask_until: Day
    asked_at: Instant | None = None
    hold_until: Day | None = None
    held_at: Instant | None = None
    opens_at: Instant | None = None
    place: str | None = None
    chair: str | None = None


class CaseFee(Answer):
    """A fee that was asked: what the published list says of it, and how much it is here, in fen."""

    text: str
    standard: str | None = None
    amount_fen: int
    asked_at: Instant


class RightAgency(Answer):
    """Who decides this, where the agency that was asked does not."""

    agency: CreditCode
    name: str


class Step(Answer):
    """One step of a case's history. Citizens see no officer's number."""

    at: Instant
    event: str
    zh: str
    en: str
    by: str
    note: str | None = None


class Case(Answer):
    """A case as its applicant sees it. `due_on` is the last day of the promise; provisional beyond the known calendar. Every move
    makes a new `revision`.

    `renewed_at` is since when what it renews counts as renewed, because nobody decided in time. `channel` is by which way it came in, `owed` what is to follow and until when 容缺. `grounds` are what a refusal cites; `suspended`
    the special procedure that runs, or ran last. With `mandate_id`, `submitted_by` submitted it for the applicant, who is a person
    where there is no `organisation_id`.
    """

    number: CaseNumber
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    revision: int
    status: Status
    submitted_at: Instant
    due_on: Day | None = None
    is_due_provisional: bool = False
    notice: Notice | None = None
    reason: str | None = None
    grounds: list[Citation] = Field(default_factory=list)
    right_agency: RightAgency | None = None
    suspended: Suspended | None = None
    extended_working_days: int | None = None
    hearing: Heard | None = None
    certificate: CertificateIdentifier | None = None
    illustrative: bool
    steps: list[Step] = Field(default_factory=list)
    organisation_id: OrganisationId | None = None
    submitted_by: PersonId | None = None
    mandate_id: MandateId | None = None
    channel: Channel = "pc"
    owed: list[Owed] = Field(default_factory=list)
    fees: list[CaseFee] = Field(default_factory=list)
    renewed_at: Instant | None = None


class CaseSummary(Answer):
    number: CaseNumber
    matter_name: str
    agency_name: str
    status: Status
    submitted_at: Instant
    due_on: Day | None = None
