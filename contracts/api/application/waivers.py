"""What nobody has to bring 免于提交, what may follow 容缺, and how long filling in takes, in figures."""

from typing import Literal

from contracts.strict import Answer, Day, Instant
from contracts.values import BasicCode, CaseNumber

Way = Literal["file", "certificate", "commitment", "deferred", "data_check", "agency_help"]
"""How a material is given, or why nobody has to give it: the last two, a certificate and a commitment are 免交四方式."""


class Owed(Answer):
    """A material that is to follow until the end of `due_on`."""

    code: str
    name: str
    due_on: Day
    is_overdue: bool


class Waived(Answer):
    """Of `required` materials, how many were waived by each way, and together."""

    required: int
    waived: int
    certificate: int
    data_check: int
    commitment: int
    agency_help: int


class CaseWaivers(Answer):
    """Of the materials that a case had to have, and of those among them that the government itself issues."""

    number: CaseNumber
    all: Waived
    government: Waived


class WaiverFigures(Answer):
    """The same over all cases submitted from `since` and before `until`."""

    since: Instant
    until: Instant
    cases: int
    all: Waived
    government: Waived


class FillingTime(Answer):
    """From the first edit to the submission, in seconds, of the cases that were filled in as drafts."""

    basic_code: BasicCode | None
    cases: int
    p50_s: float
    p90_s: float


class FillingTimes(Answer):
    """Of each matter and of all; `overall` is absent where no case was filled in as a draft."""

    since: Instant
    until: Instant
    overall: FillingTime | None
    matters: list[FillingTime]
