"""Cases as their handlers see them, and what handlers say."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.api.application.cases import Notice, Status, Step
from contracts.api.application.forms import MaterialCode, Stored, Values
from contracts.api.application.intake import CaseJudgement
from contracts.api.application.supervision import Card, CaseClock
from contracts.api.application.waivers import CaseWaivers, Owed, Way
from contracts.api.catalogue.elements import Channel
from contracts.personal import AnyValue, Content, DocumentText, NameText
from contracts.strict import Answer, Day, Instant, Line, Model, Paragraph
from contracts.values import (
    CaseNumber,
    CertificateIdentifier,
    CreditCode,
    DivisionCode,
    MandateId,
    OfficerId,
    TaskCode,
)


class Dispatch(Answer):
    """派件: a case waits for its agency. `cursor` is what the next reading of the feed comes `after`."""

    cursor: str
    number: CaseNumber
    reason: Literal["submitted", "corrected"]
    agency: CreditCode
    division: DivisionCode
    at: Instant


class DossierMaterial(Answer):
    """A material as its handler sees it: a file to fetch, the annotated copy of a certificate, a commitment, what is owed until
    `due_on`, or what the agency checks or gets by itself. An upload of what the city holds has a `reason`, one because its source
    was down the `evidence` too.

    `is_withdrawn`: its holder no longer agrees that the certificate is used, so its content is not shown.
    """

    code: str
    name: str
    how: Way
    file: Stored | None = None
    certificate: CertificateIdentifier | None = None
    content: Content | None = None
    annotation: str | None = None
    grade: str | None = None
    is_withdrawn: bool = False
    reason: Literal["source_down", "holder_prefers"] | None = None
    evidence: str | None = None
    due_on: Day | None = None
    supplied_at: Instant | None = None


class SourcedValue(Answer):
    """A field with where it comes from: `applicant`, or whoever vouches for it, on which legal `basis`."""

    name: str
    title: str
    value: AnyValue
    source: str
    at: Instant
    basis: str | None = None


class DossierApplicant(Answer):
    """Who applies, by resident id or credit code; with `agent_name`, that person submitted under the mandate."""

    kind: Literal["person", "organisation"]
    name: NameText
    number: DocumentText
    agent_name: NameText | None = None
    mandate_id: MandateId | None = None


class Dossier(Answer):
    """A case in full, for the agency that handles it; acts on what was read here carry its `revision`."""

    number: CaseNumber
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    division: DivisionCode
    revision: int
    status: Status
    submitted_at: Instant
    due_on: Day | None = None
    is_due_provisional: bool = False
    values: list[SourcedValue]
    materials: list[DossierMaterial]
    notice: Notice | None = None
    accepted_by: OfficerId | None = None
    steps: list[Step]
    applicant: DossierApplicant
    clock: CaseClock | None = None
    cards: list[Card] = []
    channel: Channel = "pc"
    owed: list[Owed] = []
    waivers: CaseWaivers | None = None
    judgement: CaseJudgement | None = None


Cites = Annotated[
    list[Annotated[str, Field(pattern=r"^(?:material:[a-z][a-z0-9-]{1,40}|(?:condition|step|procedure):[1-9][0-9]{0,2})$")]],
    Field(max_length=50),
]
"""What of the guide is meant: conditions, steps and special procedures are counted from 1 in the version that the case runs under."""


class OfficerAct(Model):
    """What an officer does to a case. With the `revision` that they read, it is refused when the case has moved on since."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class RequestCorrection(OfficerAct):
    """The one notice of what is missing or wrong. Source: 行政许可法 Art. 32(4)."""

    text: Paragraph
    materials: Annotated[list[MaterialCode], Field(max_length=50)] = Field(default_factory=list)
    fields: Annotated[list[Line], Field(max_length=100)] = Field(default_factory=list)
    cites: Cites = []

    @model_validator(mode="after")
    def _names_something(self) -> "RequestCorrection":
        if not self.materials and not self.fields:
            msg = "a notice names at least one material or field"
            raise ValueError(msg)
        return self


class Decide(OfficerAct):
    """准予 or 不予, by another officer than the one who accepted. A refusal states its reason (行政许可法 Art. 38).

    `content` adds to the form what the certificate needs and only the agency knows. What goes out by `delivery` over the counter or
    by post is closed when it has arrived; a download is closed as soon as the result is there.
    """

    outcome: Literal["grant", "refuse"]
    reason: Paragraph | None = None
    content: Values = Field(default_factory=dict)
    cites: Cites = []
    delivery: Literal["download", "window", "post"] = "download"

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> "Decide":
        if self.outcome == "refuse" and not (self.reason or "").strip():
            msg = "a refusal states its reason"
            raise ValueError(msg)
        return self
