"""The packages of the seed: whose they are, what they save, what refuses them when they are wrong."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from contracts.api.catalogue import Package, PackagePlan
from deploy import packages as report
from services.catalogue.domain.package_checks import faults_in
from services.catalogue.domain.package_plans import plan
from services.catalogue.domain.packages import NoSuchSituation, NotToBeApplied, PackageHalted, ready, situations_of, state_of

COMPLETE = ("newborn", "company-opening", "after-death")


def planned(code: str, situation: str) -> PackagePlan:
    return plan(report.packages()[code], 1, situation, report.matters(), report.dictionary())


def changed(code: str, **more: Any) -> Package:
    said = report.packages()[code].model_dump(mode="json") | more
    return Package.model_validate_json(json.dumps(said))


def faults(package: Package) -> list[tuple[str, list[str], str | None]]:
    return [(each.fault, each.steps, each.thing) for each in faults_in(package, report.matters(), report.dictionary())]


def test_the_thirteen_national_packages_and_changshas_twenty_nine_are_there() -> None:
    listings = [listing for package in report.packages().values() for listing in package.listed]
    national = {each.entry for each in listings if each.list_code == "national-2022"}
    assert national == {*(f"E{n}" for n in range(1, 6)), *(f"P{n}" for n in range(1, 9))}
    changsha = [each for each in listings if each.list_code == "changsha-2023"]
    assert {each.entry for each in changsha} == {str(n) for n in range(1, 30)}
    assert Counter(str(each.by_on) for each in changsha) == {"2023-05-31": 17, "2023-12-31": 10, "2024-12-31": 2}


def test_only_what_is_known_is_said_of_a_package() -> None:
    for package in report.packages().values():
        state = state_of(package)
        assert (state == "complete") == (package.code in COMPLETE)
        assert all(part.provenance == "recalled" for part in package.parts)
        is_national = any(each.list_code == "national-2022" for each in package.listed)
        assert (state == "named") != is_national, package.name
        assert all((each.provenance == "official") == (each.source is not None) for each in package.listed)
        assert not re.search(r"第.+条|〔", " ".join(part.name for part in package.parts))


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_package_breaks_no_rule(code: str) -> None:
    assert faults(report.packages()[code]) == []


@pytest.mark.parametrize("code", COMPLETE)
def test_at_least_forty_percent_of_the_inputs_go_in_every_situation(code: str) -> None:
    for course in report.plans(report.packages()[code]):
        asked = [each for each in course.inputs if each.how == "asked"]
        assert course.inputs_after == len(asked)
        assert course.inputs_before == sum(len(each.steps) for each in course.inputs)
        assert 1 - course.inputs_after / course.inputs_before >= report.LEAST_REMOVED, course.situation.code
        assert course.longest_working_days <= course.promised_working_days
        assert len({(each.kind, each.name) for each in course.inputs}) == len(course.inputs)


@pytest.mark.parametrize(("code", "count"), [("newborn", 12), ("company-opening", 12), ("after-death", 24)])
def test_every_way_through_the_questions_is_a_situation(code: str, count: int) -> None:
    assert len({each.code for each in situations_of(report.packages()[code].questions)}) == count


def test_the_newborns_id_goes_from_the_household_step_to_the_later_ones() -> None:
    course = planned("newborn", "married.hospital.insured")
    child_id = next(each for each in course.inputs if each.name == "child_id")
    assert (child_id.how, child_id.source) == ("produced", "household")
    assert set(child_id.steps) == {"medical-insurance", "social-card", "hospital-fund"}
    assert "child_id" not in course.form_schema["properties"]
    household = next(each for each in course.steps if each.code == "household")
    assert "birth_certificate_number" in household.needs.fields


def test_who_brings_a_certificate_from_elsewhere_is_asked_for_it() -> None:
    course = planned("newborn", "married.elsewhere.uninsured")
    how = {each.name: each.how for each in course.inputs}
    assert course.form_schema["properties"]["child_sex"]["enum"] == ["male", "female"]
    assert (how["birth-certificate"], how["birth_certificate_number"], how["child_id"]) == ("asked", "asked", "produced")


def test_parallel_steps_are_one_stage_and_the_longest_row_counts() -> None:
    course = planned("company-opening", "hiring.own.booked")
    assert course.stages[0] == ["registration"]
    assert set(course.stages[1]) == {"seal", "tax", "social-insurance", "housing-fund"}
    assert (course.longest_path, course.longest_working_days) == (["registration", "seal", "invoices"], 3)


def test_a_plan_of_what_cannot_be_applied_for_is_refused() -> None:
    with pytest.raises(NotToBeApplied):
        planned("medical-care", "all")
    with pytest.raises(NoSuchSituation):
        planned("newborn", "all")
    with pytest.raises(PackageHalted):
        plan(report.packages()["newborn"], 1, "married.hospital.insured", {}, report.dictionary())


def test_a_names_package_has_nothing_to_check() -> None:
    assert faults(report.packages()["medical-care"]) == []


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("asks", {"fields": ["no_such_field"]}, "no_such_field"),
        ("asks", {"materials": ["no-such-material"]}, "no-such-material"),
        ("questions", [], "birthplace"),
    ],
)
def test_what_does_not_exist_is_named(part: str, value: Any, named: str) -> None:
    (fault,) = faults(changed("newborn", **{part: value}))
    assert (fault[0], fault[2]) == ("unknown", named)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"depends_on": ["nobody"]}, "nobody"),
        ({"when": {"parents": ["divorced"]}}, "parents=divorced"),
        ({"produces": {"fields": ["no_such_field"]}}, "no_such_field"),
        ({"only_when": [{"materials": ["lease"], "when": {"parents": ["married"]}}]}, "lease"),
        ({"code": "social-card"}, "social-card"),
    ],
)
def test_a_step_that_names_what_does_not_exist_is_refused(change: dict[str, Any], named: str) -> None:
    items = report.packages()["newborn"].model_dump(mode="json")["items"]
    items[1] |= change
    (fault,) = faults(changed("newborn", items=items))
    assert (fault[0], fault[2]) == ("unknown", named)


def test_a_package_without_a_promise_is_incomplete() -> None:
    assert faults(changed("newborn", promised_working_days=None)) == [("incomplete", [], "promised_working_days")]


def test_a_matter_that_is_not_published_is_named_by_its_code() -> None:
    items = report.packages()["newborn"].model_dump(mode="json")["items"]
    items[1]["basic_code"] = "312090999000"
    assert ("not-published", ["vaccination-card"], "312090999000") in faults(changed("newborn", items=items))


def test_a_form_that_does_not_ask_for_what_a_step_needs_is_refused() -> None:
    asks = report.packages()["newborn"].model_dump(mode="json")["asks"]
    asks["fields"].remove("mother_name")
    assert faults(changed("newborn", asks=asks)) == [("no-producer", ["birth-certificate"], "mother_name")]


def test_a_step_is_ready_when_all_it_waits_for_is_done() -> None:
    after = {"a": [], "b": ["a"], "c": ["a", "b"]}
    assert ready(after, started=[], done=[]) == ["a"]
    assert ready(after, started=["a"], done=[]) == []
    assert ready(after, started=["a", "b"], done=["a"]) == []
    assert ready(after, started=["a", "b"], done=["a", "b"]) == ["c"]
