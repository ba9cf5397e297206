"""What a case holds of what was done to it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from contracts.values import CreditCode, DivisionCode, OfficerId
from services.application.domain.case import refusals

SURVEYED_BY_AT_LEAST: Final = 2
"""Officers. Source: 行政许可法 Art. 34."""


class Special(StrEnum):
    """The eight procedures whose time does not count. Source: 行政许可法 Art. 45."""

    HEARING = "hearing"
    TENDER = "tender"
    AUCTION = "auction"
    INSPECTION = "inspection"
    TESTING = "testing"
    QUARANTINE = "quarantine"
    APPRAISAL = "appraisal"
    EXPERT_REVIEW = "expert_review"

    @property
    def zh(self) -> str:
        return _SPECIAL_TEXTS[self][0]

    @property
    def en(self) -> str:
        return _SPECIAL_TEXTS[self][1]


_SPECIAL_TEXTS: Final = {
    Special.HEARING: ("听证", "hearing"),
    Special.TENDER: ("招标", "tender"),
    Special.AUCTION: ("拍卖", "auction"),
    Special.INSPECTION: ("检验", "inspection"),
    Special.TESTING: ("检测", "testing"),
    Special.QUARANTINE: ("检疫", "quarantine"),
    Special.APPRAISAL: ("鉴定", "appraisal"),
    Special.EXPERT_REVIEW: ("专家评审", "expert review"),
}


class Inside(StrEnum):
    """What runs inside the term, under a limit of its own that the guide publishes."""

    SURVEY = "survey"
    TECHNICAL_REVIEW = "technical_review"
    PUBLIC_DISCUSSION = "public_discussion"

    @property
    def zh(self) -> str:
        return _INSIDE_TEXTS[self][0]

    @property
    def en(self) -> str:
        return _INSIDE_TEXTS[self][1]


_INSIDE_TEXTS: Final = {
    Inside.SURVEY: ("现场勘验", "site survey"),
    Inside.TECHNICAL_REVIEW: ("技术审查", "technical review"),
    Inside.PUBLIC_DISCUSSION: ("公示", "public discussion"),
}


@dataclass(frozen=True, slots=True)
class Citation:
    """Something that the case's version says: `ref` is `material:<code>`, `condition:<n>`, `step:<n>` or `procedure:<n>`, counted
    from 1 in that version, which never changes; `text` is what it says there."""

    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that is to be supplied, told once. `step` is the step of the review that asked, None at the intake."""

    text: str
    materials: tuple[str, ...]
    fields: tuple[str, ...]
    requested_at: datetime
    citations: tuple[Citation, ...] = ()
    step: int | None = None


@dataclass(frozen=True, slots=True)
class IntakeRefusal:
    """Why a case is not taken in. `agency` is the right one where this is not it. Source: 行政许可法 Art. 32(1), 32(2)."""

    kind: Literal["not_needed", "wrong_agency", "not_eligible"]
    agency: CreditCode | None = None
    agency_name: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """The opinion of one published step, and which `fields` and `materials` it depends on.

    `is_open`: the applicant changed one of them since, so that it has to be done again.
    """

    number: int
    name: str
    opinion: str
    fields: tuple[str, ...]
    materials: tuple[str, ...]
    by: OfficerId
    at: datetime
    is_open: bool = False

    def depends_on(self, fields: frozenset[str], materials: frozenset[str]) -> bool:
        return not fields.isdisjoint(self.fields) or not materials.isdisjoint(self.materials)


@dataclass(frozen=True, slots=True)
class Suspension:
    """特别程序: while it runs the clock stands, from the day of `since` to that of `until`; told to last `expected_days` working
    days. Source: 行政许可法 Art. 45."""

    procedure: Special
    reason: str
    since: datetime
    expected_days: int
    until: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure inside the term; `limit_working_days` is the one that the guide publishes for it, `officers` are who did it."""

    kind: Inside
    citation: Citation
    reason: str
    since: datetime
    limit_working_days: int
    until: datetime | None = None
    outcome: str | None = None
    officers: tuple[OfficerId, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension of the term, by the head of the agency. Source: 行政许可法 Art. 42."""

    working_days: int
    reason: str
    by: OfficerId
    at: datetime


Way = Literal["download", "window", "post"]
"""How results reach the applicant 送达方式."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """送达. `tracking` is the number of the parcel."""

    way: Way
    begun_at: datetime
    tracking: str | None = None


Cause = Literal["correction_timeout", "death_or_dissolution", "duplicate", "lost_jurisdiction", "not_supplied"]
"""Why a case ends without a decision."""
Retention = Literal["10", "30", "permanent"]
"""保管期限: years. Source: DA/T 85-2019."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases a handler may see: those of a division, or those of one agency; an officer's `matters` (basic codes), if limited."""

    division: DivisionCode | None = None
    agency: CreditCode | None = None
    matters: frozenset[str] | None = None

    @property
    def unit(self) -> DivisionCode | CreditCode:
        unit = self.division or self.agency
        assert unit is not None
        return unit


@dataclass(frozen=True, slots=True)
class AskedFee:
    """A fee of the published list with its words there, and how much was asked, in fen."""

    text: str
    standard: str | None
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What the handling has come to: the last opinion of each step and everybody who gave any, procedures inside the term, what its
    steps asked the applicant for, fees that were asked, and until when what was owed may follow all the same."""

    steps: tuple[ReviewStep, ...] = ()
    reviewers: tuple[OfficerId, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    returns: tuple[Notice, ...] = ()
    fees: tuple[AskedFee, ...] = ()
    supply_until: date | None = None

    def concluded(self, step: ReviewStep) -> "Course":
        """A later opinion of the same step takes the place of the earlier one, and whoever gave that has reviewed the case."""
        others = tuple(each for each in self.steps if each.number != step.number)
        steps = tuple(sorted((*others, step), key=lambda each: each.number))
        return replace(self, steps=steps, reviewers=tuple(dict.fromkeys((*self.reviewers, step.by))))

    def reopened(self, fields: frozenset[str], materials: frozenset[str]) -> "Course":
        """Steps that depend on one of them are done again."""
        steps = tuple(replace(each, is_open=True) if each.depends_on(fields, materials) else each for each in self.steps)
        return replace(self, steps=steps)

    def returned(self, notice: Notice) -> "Course":
        """Raises StepHasReturned."""
        if any(each.step == notice.step for each in self.returns):
            raise refusals.StepHasReturned
        return replace(self, returns=(*self.returns, notice))

    def running(self, kind: str) -> Procedure | None:
        return next((each for each in self.procedures if each.kind == kind and each.until is None), None)

    def begun(self, procedure: Procedure) -> "Course":
        """Raises ProcedureRuns."""
        if self.running(procedure.kind):
            raise refusals.ProcedureRuns
        return replace(self, procedures=(*self.procedures, procedure))

    def ended(self, running: Procedure, *, at: datetime, outcome: str, officers: tuple[OfficerId, ...]) -> "Course":
        others = tuple(each for each in self.procedures if each is not running)
        return replace(self, procedures=(*others, replace(running, until=at, outcome=outcome, officers=officers)))

    def charged(self, fee: AskedFee) -> "Course":
        """Raises FeeIsAsked."""
        if any(each.text == fee.text for each in self.fees):
            raise refusals.FeeIsAsked
        return replace(self, fees=(*self.fees, fee))

    def supplied_by(self, until: date) -> "Course":
        """Raises SupplyWasExtended."""
        if self.supply_until:
            raise refusals.SupplyWasExtended
        return replace(self, supply_until=until)

    def check_complete(self) -> None:
        """Raises StepsRemain, ProcedureRuns."""
        if remaining := [step.number for step in self.steps if step.is_open]:
            raise refusals.StepsRemain(steps=remaining)
        if any(each.until is None for each in self.procedures):
            raise refusals.ProcedureRuns
