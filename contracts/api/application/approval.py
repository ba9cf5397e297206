"""Automatic approval 秒批: what a table said, which mode it is in, and what officers say when they look again."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.personal import AnyValue
from contracts.strict import Answer, Instant, Line, Model, Paragraph
from contracts.values import BasicCode, CaseNumber, OfficerId

ApprovalMode = Literal["off", "shadow", "live"]


class SwitchApproval(Model):
    """Which mode a table is in from now on. `sample_percent` of its grants are looked at again by an officer."""

    mode: ApprovalMode
    reason: Paragraph
    sample_percent: Annotated[int, Field(ge=0, le=100)] = 5


class StopApprovals(Model):
    """A stop of every table, or its end."""

    stop: bool
    reason: Paragraph


class ApprovalSwitch(Answer):
    """`since` nobody has said otherwise. With no basic code it is about all tables."""

    is_city_wide: bool
    basic_code: BasicCode | None
    mode: ApprovalMode
    sample_percent: int
    reason: str
    by: OfficerId
    since: Instant


class ApprovalFact(Answer):
    """What the table looked at, and who says so: `applicant`, who vouches for it, or the type of a certificate."""

    name: str
    zh: str
    en: str
    value: AnyValue
    source: str


class AutomaticDecision(Answer):
    """What a table said of a case: the row, why, and from which facts. In shadow mode an officer decides all the same.

    `is_the_same_again`: asked once more from the same facts, the table of that version says the same.
    """

    number: CaseNumber
    mode: ApprovalMode
    version: int
    table: str
    grants: bool
    row: str | None
    zh: str
    en: str
    rule: str | None
    facts: list[ApprovalFact]
    missing: list[str]
    at: Instant
    is_the_same_again: bool
    recheck_for: Literal["sample", "applicant"] | None = None
    agrees: bool | None = None
    recheck_reason: str | None = None


class Recheck(Model):
    """复核: whether the officer would have granted it, and why."""

    agrees: bool
    reason: Paragraph


class WaitingRecheck(Answer):
    number: CaseNumber
    matter_name: str
    recheck_for: Literal["sample", "applicant"]
    at: Instant


class ApprovalRow(Answer):
    """One row of a table over a period. `asked` cases fell to it; of those decided by officers in shadow mode `officers_granted`
    were granted; of its grants looked at again `disagreed` should not have been."""

    row: str | None
    asked: int
    grants: int
    officers_decided: int
    officers_granted: int
    rechecked: int
    disagreed: int


class ApprovalShare(Answer):
    """Of the cases of one group, which part the table grants: districts, and persons beside organisations."""

    group: Line
    asked: int
    grants: int


class ApprovalReport(Answer):
    """How a table does: by row, and by group for whoever looks for unfairness; `agreement` is of all that officers decided too."""

    basic_code: BasicCode
    rows: list[ApprovalRow]
    by_division: list[ApprovalShare]
    by_applicant: list[ApprovalShare]
    agreement: float | None
