"""并联审批 of a package 一件事: a case for each step, side by side where nothing waits; one that is refused stops only what waits for it.

Source: ADR-0050; ADR-0043 for the graph.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Conflict, NotFound
from chassis.working_days import Due
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Definition, PackageCourse
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.problems import application as problems
from contracts.values import CaseNumber, PackageNumber
from services.application.domain.applicant import Applicant
from services.application.domain.materials import CaseMaterial, Way, described


class NoSuchPackageCase(NotFound):
    problem = problems.PACKAGE_CASE_NOT_FOUND


class PackageIsOutOfDate(Conflict):
    problem = problems.PACKAGE_OUT_OF_DATE


class StepStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    GRANTED = "granted"
    ENDED = "ended"
    SKIPPED = "skipped"
    HELD_UP = "held_up"
    WITHDRAWN = "withdrawn"

    @property
    def zh(self) -> str:
        return _TEXTS[self][0]

    @property
    def en(self) -> str:
        return _TEXTS[self][1]


_TEXTS: Final = {
    StepStatus.WAITING: ("等待前序环节", "Waits for earlier steps"),
    StepStatus.RUNNING: ("办理中", "Running"),
    StepStatus.GRANTED: ("已准予", "Granted"),
    StepStatus.ENDED: ("未获准予", "Ended without a grant"),
    StepStatus.SKIPPED: ("因前序环节未准予而不再办理", "Not begun, because an earlier step was not granted"),
    StepStatus.HELD_UP: ("待工作人员处理", "Held up: an officer sees to it"),
    StepStatus.WITHDRAWN: ("申请人已撤回", "Withdrawn by the applicant before it began"),
}
_OVER: Final = frozenset({StepStatus.GRANTED, StepStatus.ENDED, StepStatus.SKIPPED, StepStatus.WITHDRAWN})
NOT_BEGUN: Final = frozenset({StepStatus.WAITING, StepStatus.HELD_UP})


@dataclass(frozen=True, slots=True)
class Step:
    """`produces` are the fields and materials that its grant gives to later steps; `held_up_by` what is still missing."""

    code: str
    name: str
    number: CaseNumber
    after: tuple[str, ...]
    produces: tuple[str, ...]
    status: StepStatus = StepStatus.WAITING
    held_up_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a step's case is made of but what earlier steps give: it is begun later without asking anybody again."""

    definition: Definition
    values: Mapping[str, Any]
    materials: tuple[CaseMaterial, ...]
    given: tuple[GivenMaterial, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Who applies, as identity vouched for them at the submission, and what was prepared for each step."""

    profile: Profile | OrganisationProfile
    agent_name: str | None
    prepared: Mapping[str, Prepared]


@dataclass(frozen=True, slots=True)
class PackageCase:
    number: PackageNumber
    applicant: Applicant
    code: str
    version: int
    situation: str
    name: str
    is_illustrative: bool
    submitted_at: datetime
    due: Due
    steps: tuple[Step, ...]
    closed_at: datetime | None = None

    def ready(self) -> Iterator[Step]:
        """Steps that wait for nothing any more."""
        granted = {step.code for step in self.steps if step.status is StepStatus.GRANTED}
        return (step for step in self.steps if step.status is StepStatus.WAITING and set(step.after) <= granted)

    def with_step(self, changed: Step) -> "PackageCase":
        return replace(self, steps=tuple(changed if step.code == changed.code else step for step in self.steps))

    def after_refusals(self) -> "PackageCase":
        """Without the steps that nothing can begin any more, and what waits for them in turn."""
        lost = {step.code for step in self.steps if step.status in _OVER - {StepStatus.GRANTED}}
        while more := {step.code for step in self.steps if step.status is StepStatus.WAITING and set(step.after) & lost} - lost:
            lost |= more
        skipped = (
            replace(step, status=StepStatus.SKIPPED) if step.code in lost and step.status is StepStatus.WAITING else step
            for step in self.steps
        )
        return replace(self, steps=tuple(skipped))

    def closed_if_over(self, *, at: datetime) -> "PackageCase":
        is_over = all(step.status in _OVER for step in self.steps)
        return replace(self, closed_at=at) if is_over and self.closed_at is None else self


def steps_of(course: PackageCourse, numbers: Mapping[str, CaseNumber]) -> tuple[Step, ...]:
    return tuple(
        Step(each.code, each.name, numbers[each.code], tuple(each.after), (*each.produces.fields, *each.produces.materials))
        for each in course.plan.steps
    )


def produced_before(steps: Sequence[Step], code: str) -> set[str]:
    """What the steps that this one waits for, directly or not, give it."""
    by_code = {step.code: step for step in steps}
    found: set[str] = set()
    waiting = list(by_code[code].after)
    while waiting:
        step = by_code[waiting.pop()]
        found |= set(step.produces)
        waiting += step.after
    return found


def without(definition: Definition, produced: set[str]) -> Definition:
    """What is asked at the submission, when earlier steps have given nothing yet."""
    schema = dict(definition.form_schema)
    schema["required"] = [name for name in schema.get("required", ()) if name not in produced]
    materials = [each for each in definition.materials if each.code not in produced]
    return definition.model_copy(update={"form_schema": schema, "materials": materials})


def of_step(
    definition: Definition, values: Mapping[str, Any], given: Sequence[GivenMaterial]
) -> tuple[dict[str, Any], list[GivenMaterial]]:
    """Of what was said once, what this step asks for."""
    asked = definition.form_schema.get("properties", {})
    codes = {each.code for each in definition.materials}
    return {name: value for name, value in values.items() if name in asked}, [each for each in given if each.code in codes]


def handed_on(definition: Definition, produced: set[str]) -> list[CaseMaterial]:
    """The materials that earlier steps gave: one agency has them from the other, and nobody brings them."""
    return [described(each, Way.AGENCY_HELP) for each in definition.materials if each.code in produced]
