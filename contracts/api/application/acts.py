"""What officers do to cases beside their one notice and their decision, and what applicants do."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.api.application.forms import MaterialCode
from contracts.api.application.handling import Cites, OfficerAct, RequestCorrection
from contracts.strict import Instant, Line, Model, Paragraph
from contracts.values import CreditCode, OfficerId

Special = Literal["hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review"]
"""The eight procedures that stop the clock. Source: 行政许可法 Art. 45."""
Inside = Literal["survey", "technical_review", "public_discussion"]
"""现场勘验, 技术审查, 公示: inside the term, under the limit that the guide publishes."""
Way = Literal["download", "window", "post"]
Cause = Literal["correction_timeout", "death_or_dissolution", "duplicate", "lost_jurisdiction", "not_supplied"]
StepNumber = Annotated[int, Field(ge=1, le=100)]
"""A step 办理环节 of the case's version, counted from 1."""


class RefuseIntake(OfficerAct):
    """不予受理: no approval is needed, another agency is the right one, or the cited conditions are not met. In writing, with reasons.

    Source: 行政许可法 Art. 32(1), 32(2).
    """

    kind: Literal["not_needed", "wrong_agency", "not_eligible"]
    reason: Paragraph
    agency: CreditCode | None = None
    agency_name: Line | None = None
    cites: Cites = []

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        is_redirected = self.agency is not None and self.agency_name is not None
        if (self.kind == "wrong_agency") != is_redirected or (self.agency is None) != (self.agency_name is None):
            msg = "the right agency is named where this is not it, and only there"
            raise ValueError(msg)
        if not self.reason.strip():
            msg = "a refusal states its reason"
            raise ValueError(msg)
        if self.kind == "not_eligible" and not self.cites:
            msg = "a refusal cites what of the guide is not met"
            raise ValueError(msg)
        return self


class ConcludeStep(OfficerAct):
    """The opinion of a step, and on which fields and materials it depends: when the applicant changes one, it is done again."""

    step: StepNumber
    opinion: Paragraph
    fields: Annotated[list[Line], Field(max_length=100)] = []
    materials: Annotated[list[MaterialCode], Field(max_length=50)] = []


class ReturnCase(RequestCorrection):
    """退回补正 by a step of the review, once each step. The answer comes straight back to it."""

    step: StepNumber


class BeginProcedure(OfficerAct):
    """`cites` the published procedure, whose limit holds: `procedure:<n>`."""

    kind: Inside
    cites: Annotated[str, Field(pattern=r"^procedure:[1-9][0-9]?$")]
    reason: Paragraph


class EndProcedure(OfficerAct):
    """`with_officer` did it beside whoever says so: a site survey takes two. Source: 行政许可法 Art. 34."""

    kind: Inside
    outcome: Paragraph
    with_officer: OfficerId | None = None


class Suspend(OfficerAct):
    """特别程序: the clock stands, and the applicant is told in writing for how long. Source: 行政许可法 Art. 45."""

    procedure: Special
    reason: Paragraph
    expected_working_days: Annotated[int, Field(ge=1, le=365)]


class Resume(OfficerAct):
    outcome: Paragraph


class OfferHearing(OfficerAct):
    """The applicant is told that they may ask for a hearing, `about` what. Source: 行政许可法 Art. 47."""

    about: Paragraph


class AnnounceHearing(OfficerAct):
    """听证通知: when, where and before whom, at least seven working days before it is held.

    The `chair` 主持人 is an officer who does not review the case; the applicant is told the `chair_name`. Whoever does not say yet who
    chairs it announces it again. Source: 行政许可法 Art. 48(1), (3).
    """

    opens_at: Instant
    place: Line
    chair: OfficerId | None = None
    chair_name: Line | None = None

    @model_validator(mode="after")
    def _is_of_this_age(self) -> Self:
        if not 2020 <= self.opens_at.year <= 2100:
            msg = "a hearing is held between 2020 and 2100"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if (self.chair is None) != (self.chair_name is None):
            msg = "who chairs it is told by number and name"
            raise ValueError(msg)
        return self


class HoldHearing(OfficerAct):
    outcome: Paragraph


class Extend(OfficerAct):
    """Once, by the head of the agency; the reasons are told. Source: 行政许可法 Art. 42."""

    working_days: Annotated[int, Field(ge=1, le=10)]
    reason: Paragraph


class AskFee(OfficerAct):
    """A fee by its name in the published list of the case's version, and how much it is here, in fen."""

    name: Line
    amount_fen: Annotated[int, Field(ge=1, le=100_000_000_000)]


class ExtendSupply(OfficerAct):
    """The case goes on although what was to follow 容缺 did not: it may follow within so many working days from now."""

    working_days: Annotated[int, Field(ge=1, le=90)]
    reason: Paragraph


class HandOver(OfficerAct):
    """`to` whom the result was given at a window: the applicant, or who acts for them in the case."""

    to: Literal["applicant", "agent"] | None = None


class Deliver(OfficerAct):
    """`tracking` is the number of the parcel, where the result goes by post."""

    way: Way
    tracking: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,40}$")] | None = None

    @model_validator(mode="after")
    def _posts_are_tracked(self) -> Self:
        if (self.way == "post") != (self.tracking is not None):
            msg = "what is posted has the number of its parcel, and only that"
            raise ValueError(msg)
        return self


class Terminate(OfficerAct):
    """`not_supplied` where what was to follow 容缺 did not, and only there."""

    cause: Cause
    reason: Paragraph


class Archive(OfficerAct):
    """`retention` in years."""

    retention: Literal["10", "30", "permanent"]


class Withdraw(Model):
    reason: Paragraph | None = None


class RequestHearing(Model):
    reason: Paragraph | None = None
