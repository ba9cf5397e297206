"""Each complete package, in every situation, against a simulated department on a socket."""

from collections.abc import AsyncIterator

import pytest

from contracts.api.catalogue import PackagePlan
from contracts.values import ResidentId
from deploy import packages as report
from deploy.local.sandbox import department

PLANS = [course for package in report.complete() for course in report.plans(package)]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with department.serving() as url:
        yield url


async def test_every_situation_of_every_complete_package_ends_within_its_promise(address: str) -> None:
    assert {course.code for course in PLANS} == {"newborn", "company-opening", "after-death"}
    for course in PLANS:
        ran = await report.dry_run(course, address)
        assert ran.ended.keys() == {step.code for step in course.steps}
        assert ran.days == course.longest_working_days <= course.promised_working_days, course.situation.code


async def test_the_child_has_its_certificates_number_first_and_its_id_from_the_household_step_on(address: str) -> None:
    (course,) = [each for each in PLANS if (each.code, each.situation.code) == ("newborn", "married.hospital.insured")]
    ran = await report.dry_run(course, address)
    ids = {step: values["child_id"] for step, values in ran.given.items() if "child_id" in values}
    assert ids.keys() == {"medical-insurance", "social-card", "hospital-fund"}
    (child_id,) = set(ids.values())
    assert ResidentId(child_id).startswith("319999")
    assert ran.given["household"]["birth_certificate_number"]
    assert all(ran.began[step] >= ran.ended["household"] for step in ids)


async def test_a_step_that_is_begun_before_what_feeds_it_is_refused_by_the_department(address: str) -> None:
    (course,) = [each for each in PLANS if (each.code, each.situation.code) == ("newborn", "married.hospital.insured")]
    hasty = [step.model_copy(update={"after": []}) for step in course.steps]
    with pytest.raises(report.NeverDone, match="vaccination-card lacks"):
        await report.dry_run(_with(course, hasty), address)


async def test_a_department_that_takes_longer_than_planned_ends_later(address: str) -> None:
    (course,) = [each for each in PLANS if (each.code, each.situation.code) == ("company-opening", "alone.own.later")]
    slow = [step.model_copy(update={"ends_after_days": step.ends_after_days + 3}) for step in course.steps]
    ran = await report.dry_run(_with(course, slow), address)
    assert ran.days == course.longest_working_days + 3 * len(course.longest_path)
    assert ran.days > course.promised_working_days


def test_the_report_prints_inputs_before_and_after(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main() == 0
    lines = capsys.readouterr().out.splitlines()[-len(PLANS) :]
    assert [line.split()[0] for line in lines] == [f"package={course.name}" for course in PLANS]
    assert all(f"before={course.inputs_before} after={course.inputs_after} " in line for course, line in zip(PLANS, lines, strict=True))


def _with(course: PackagePlan, steps: list[object]) -> PackagePlan:
    return course.model_copy(update={"steps": steps})
