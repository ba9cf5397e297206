"""`python -m deploy.packages`: every complete package of the seed, in every situation, against a simulated department.

Prints what is asked before and after inputs are given once, and how many working days it took. Ends with 1 when a package
breaks a rule, takes longer than it promises or saves less than 40 %.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import httpx

from contracts.api.catalogue import FormField, Matter, Package, PackagePlan
from deploy.local import seed
from deploy.local.sandbox import department
from services.catalogue.domain.package_checks import faults_in
from services.catalogue.domain.package_plans import plan
from services.catalogue.domain.packages import ready, situations_of, state_of

LEAST_REMOVED: Final = 0.4
_NO_END: Final = 400


class NeverDone(Exception):
    """The department refused a step, or days went by without end."""


@dataclass(slots=True)
class Ran:
    """A dry run: on which working day each step began and ended, and which fields it was begun with."""

    days: int = 0
    began: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)


@cache
def packages() -> dict[str, Package]:
    return {each["code"]: Package.model_validate_json(json.dumps(each)) for each in seed.packages()}


@cache
def matters() -> dict[str, Matter]:
    found = [Matter.model_validate_json(json.dumps(each)) for each in seed.document()["matters"]]
    return {matter.basic_code: matter for matter in found}


@cache
def dictionary() -> dict[str, FormField]:
    return {each["name"]: FormField.model_validate_json(json.dumps(each)) for each in seed.document()["fields"]}


def complete() -> list[Package]:
    return [package for package in packages().values() if state_of(package) == "complete"]


def plans(package: Package) -> list[PackagePlan]:
    """One for each situation."""
    return [plan(package, 1, situation.code, matters(), dictionary()) for situation in situations_of(package.questions)]


async def dry_run(course: PackagePlan, url: str) -> Ran:
    """Run a plan to its end at a simulated department, a working day at a time. Raises NeverDone.

    A step is begun as soon as those it waits for are done, with the fields and materials that the applicant gave, the city
    holds, or earlier steps answered. Running real cases so is the application service's to do; all it needs is `ready`.
    """
    ran, cases, day = Ran(), dict[str, tuple[str, int]](), 0
    values = {each.name: f"示例-{each.name}" for each in course.inputs if each.kind == "field" and each.how != "produced"}
    materials = {each.name for each in course.inputs if each.kind == "material" and each.how != "produced"}
    after = {step.code: step.after for step in course.steps}
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        (await client.put("/sandbox/duties", json=[step.model_dump(mode="json") for step in course.steps])).raise_for_status()
        while len(ran.ended) < len(after):
            begun = ready(after, started=ran.began, done=ran.ended)
            for code in begun:
                cases[code] = await _begin(client, course, code, day, values, materials)
                ran.began[code], ran.given[code] = day, _of(course, code, values)
            due = [number for code, (number, on) in cases.items() if code not in ran.ended and on <= day]
            ended = [number for number in due if await _ended(client, number, day, values, materials)]
            ran.ended |= {code: day for code, (number, _) in cases.items() if number in ended}
            if not begun and not ended:
                day += 1
            if day > _NO_END:
                raise NeverDone(f"{course.code} {course.situation.code}: nothing ends any more")
    ran.days = max(ran.ended.values(), default=0)
    return ran


def _of(course: PackagePlan, code: str, values: Mapping[str, str]) -> dict[str, str]:
    step = next(each for each in course.steps if each.code == code)
    return {name: values[name] for name in step.needs.fields if name in values}


async def _begin(
    client: httpx.AsyncClient, course: PackagePlan, code: str, day: int, values: Mapping[str, str], papers: set[str]
) -> tuple[str, int]:
    given = {"step": code, "on": day, "fields": _of(course, code, values), "materials": sorted(papers)}
    answer = await client.post("/cases", json=given)
    if answer.status_code != httpx.codes.CREATED:
        raise NeverDone(f"{course.code} {course.situation.code}: {code} lacks {answer.json()['missing']} on day {day}")
    return str(answer.json()["number"]), int(answer.json()["due_on"])


async def _ended(client: httpx.AsyncClient, number: str, day: int, values: dict[str, str], papers: set[str]) -> bool:
    """Whether a case is done; its result is there for later steps then."""
    result = department.Result.model_validate((await client.get(f"/cases/{number}", params={"on": day})).json())
    for name, value in result.fields.items():
        values.setdefault(name, value)
    papers |= set(result.materials)
    return result.is_done


def line(course: PackagePlan, ran: Ran) -> str:
    return (
        f"package={course.name} situation={course.situation.code} before={course.inputs_before} after={course.inputs_after}"
        f" removed={course.removed:.1%} days={ran.days} promised={course.promised_working_days}"
    )


def _explain(course: PackagePlan) -> str:
    stages = " → ".join(" ∥ ".join(stage) for stage in course.stages)
    return f"{course.name} · {course.situation.zh}\n  {stages}\n  longest: {' → '.join(course.longest_path)}"


async def _run(every: Sequence[PackagePlan]) -> bool:
    is_good, lines = True, []
    async with department.serving() as url:
        for course in every:
            ran = await dry_run(course, url)
            is_good &= ran.days <= course.promised_working_days and course.removed >= LEAST_REMOVED
            print(_explain(course))
            lines.append(line(course, ran))
    print(*lines, sep="\n")
    return is_good


def main() -> int:
    faults = [(package.code, fault) for package in packages().values() for fault in faults_in(package, matters(), dictionary())]
    for code, fault in faults:
        print(f"{code}: {fault.en} {fault.zh} {fault.situation or ''}")
    if faults:
        return 1
    return 0 if asyncio.run(_run([course for package in complete() for course in plans(package)])) else 1


if __name__ == "__main__":
    sys.exit(main())
