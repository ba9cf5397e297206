"""一件事 as it is applied for: one submission, a case for each of its steps."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.application.forms import GivenMaterial, Values
from contracts.strict import Answer, Day, Instant, Model
from contracts.values import CaseNumber, DivisionCode, PackageNumber

PackageStatus = Literal["running", "closed"]
PackageStepStatus = Literal["waiting", "running", "granted", "ended", "skipped", "held_up"]


class SubmitPackage(Model):
    """One form and one set of materials for all steps, in one situation, by the agencies of one division."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    situation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,350}$")] = "all"
    division: DivisionCode
    values: Values
    materials: Annotated[list[GivenMaterial], Field(max_length=50)] = Field(default_factory=list)


class PackageStep(Answer):
    """A step, and its case once there is one. `waiting` for `after`; `ended` without a grant, or withdrawn; `skipped` because one before it was not
    granted; `held_up` because what an earlier step was to give does not make it complete (`held_up_by`), and an officer sees to it."""

    code: str
    name: str
    status: PackageStepStatus
    zh: str
    en: str
    after: list[str]
    number: CaseNumber | None = None
    held_up_by: list[str] = []


class PackageCase(Answer):
    """A package that was applied for. It has one number and one promise, that of its longest path; each case keeps its own clock too.

    It is `closed` when every step has come to an end, whichever."""

    number: PackageNumber
    code: str
    version: int
    name: str
    situation: str
    status: PackageStatus
    submitted_at: Instant
    due_on: Day
    is_due_provisional: bool
    closed_at: Instant | None = None
    steps: list[PackageStep]
    illustrative: bool


class KeptStep(Answer):
    """A step that is not withdrawn, and why, in both languages."""

    code: str
    name: str
    number: CaseNumber | None = None
    zh: str
    en: str


class PackageWithdrawal(Answer):
    """The package as it is afterwards, which of its steps were `withdrawn` just now, and which could not be."""

    package: PackageCase
    withdrawn: list[str]
    kept: list[KeptStep]
