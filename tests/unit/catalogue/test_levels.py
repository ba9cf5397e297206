import json
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.api.catalogue import Delegation, Matter
from contracts.values import CreditCode, TaskCode
from contracts.values.checks import credit_check, organisation_check
from services.catalogue.domain.drift import drift_of
from services.catalogue.domain.levels import NoSuchImplementation, broken_levels, delegated, level_of, terms_of
from tests.unit.catalogue.test_domain import BASIC, material, matter

PLAIN = {"text": "示例", "provenance": "illustrative"}


def agency(division: str, serial: int) -> CreditCode:
    first = f"TE5T{serial:04d}"
    code = f"11{division}{first}{organisation_check(first)}"
    return CreditCode(code + credit_check(code))


CITY, DISTRICT, OTHER = agency("310000", 1), agency("310101", 2), agency("310104", 3)
STREET, COMMUNITY = agency("310101", 4), agency("310101", 5)
AREAS = {STREET: "310101002", COMMUNITY: "310101002003"}
LEVELS = {CITY: 2, DISTRICT: 4, OTHER: 4, STREET: 5, COMMUNITY: 6}
LINE = (CITY, DISTRICT, STREET, COMMUNITY)


def task(of: CreditCode, level: int | None = None) -> TaskCode:
    return TaskCode(f"{of}{level or LEVELS[of]}{BASIC}")


def days(number: int) -> dict[str, Any]:
    return {"working_days": number, "provenance": "illustrative"}


def place(text: str) -> list[dict[str, Any]]:
    return [{"text": text, "provenance": "illustrative"}]


def said(own: dict[CreditCode, dict[str, Any]], **other: Any) -> Matter:
    rows = [{"task_code": task(of), **own.get(of, {})} for of in LEVELS]
    materials = [material("card"), material("photo"), material("home")]
    return Matter.model_validate_json(json.dumps(matter(level=2, materials=materials, implementations=rows, **other)))


def codes(matter_: Matter) -> list[str]:
    return [each.code for _, each in broken_levels(matter_, AREAS)]


@pytest.mark.parametrize(
    ("division", "area", "level"),
    [
        ("000000", None, 1),
        ("310000", None, 2),
        ("500000", None, 2),
        ("370000", None, 2),
        ("370200", None, 3),
        ("430100", None, 3),
        ("310100", None, None),
        ("310101", None, 4),
        ("370281", None, 4),
        ("310101", "310101002", 5),
        ("310101", "310101002003", 6),
    ],
)
def test_the_level_of_an_agency_is_that_of_where_it_stands(division: str, area: str | None, level: int | None) -> None:
    assert level_of(division, area) == level


def test_a_bureau_of_a_municipality_that_calls_itself_a_citys_is_refused() -> None:
    rows = [{"task_code": task(CITY, 3)}, {"task_code": task(DISTRICT)}]
    found = Matter.model_validate_json(json.dumps(matter(level=2, implementations=rows)))
    assert codes(found) == ["level-mismatch"]
    assert codes(said({})) == []


def test_a_street_whose_area_nobody_knows_is_refused() -> None:
    assert {each.code for _, each in broken_levels(said({}), {})} == {"level-mismatch"}


def test_each_level_inherits_what_it_does_not_say() -> None:
    found = said(
        {
            CITY: {"hours": place("周一至周五")},
            DISTRICT: {"promised": days(7), "places": place("区中心")},
            STREET: {"places": place("街道中心"), "without_materials": ["photo"]},
            COMMUNITY: {"promised": days(3), "without_materials": ["home"]},
        }
    )
    terms = terms_of(found, task(COMMUNITY), AREAS)
    assert terms.line == tuple(task(each) for each in LINE)
    assert [each.text for each in (*terms.hours, *terms.places)] == ["周一至周五", "街道中心"]
    assert (terms.promised.working_days, [each.code for each in terms.materials]) == (3, ["card"])
    other = terms_of(found, task(OTHER), AREAS)
    assert other.line == (task(CITY), task(OTHER))
    assert (other.promised.working_days, len(other.materials), other.places[0].text) == (9, 3, "示例")


def test_a_level_that_is_left_out_is_passed_over() -> None:
    rows = [{"task_code": task(CITY), "promised": days(6)}, {"task_code": task(COMMUNITY)}]
    found = Matter.model_validate_json(json.dumps(matter(level=2, implementations=rows)))
    assert terms_of(found, task(COMMUNITY), AREAS).promised.working_days == 6


def test_who_does_not_implement_a_matter_has_no_terms() -> None:
    with pytest.raises(NoSuchImplementation):
        terms_of(said({}), task(agency("310105", 9), 4), AREAS)


@pytest.mark.parametrize(
    ("own", "broken"),
    [
        ({DISTRICT: {"promised": days(21)}}, ["promise-over-statutory"]),
        ({DISTRICT: {"promised": days(10)}}, ["promise-over-above"]),
        ({DISTRICT: {"promised": days(9)}}, []),
        ({DISTRICT: {"promised": days(5)}, STREET: {"promised": days(6)}}, ["promise-over-above"]),
        ({CITY: {"promised": days(5)}, COMMUNITY: {"promised": days(6)}}, ["promise-over-above"]),
        ({DISTRICT: {"without_materials": ["passport"]}}, ["material-unknown"]),
        ({CITY: {"without_materials": ["card"]}, STREET: {"without_materials": ["card"]}}, []),
        ({STREET: {"without_materials": ["card", "photo"], "places": place("x"), "contacts": []}}, []),
    ],
)
def test_a_level_may_promise_less_time_and_fewer_materials_only(own: dict[CreditCode, dict[str, Any]], broken: list[str]) -> None:
    assert codes(said(own)) == broken


_own = st.fixed_dictionaries(
    {},
    optional={
        "promised": st.integers(0, 25).map(days),
        "places": st.sampled_from(["甲", "乙"]).map(place),
        "without_materials": st.lists(st.sampled_from(["card", "photo", "home", "passport"]), max_size=3),
    },
)


@given(st.dictionaries(st.sampled_from(list(LEVELS)), _own))
def test_whatever_keeps_the_rules_never_falls_short_of_the_level_above(own: dict[CreditCode, dict[str, Any]]) -> None:
    found = said(own)
    if codes(found):
        return
    ladder = [terms_of(found, task(each), AREAS) for each in LINE]
    promises = [9, *(each.promised.working_days for each in ladder)]
    asked = [{"card", "photo", "home"}, *({one.code for one in each.materials} for each in ladder)]
    assert promises == sorted(promises, reverse=True)
    assert all(below <= above for above, below in pairwise(asked))
    assert max(promises) <= found.statutory.working_days


@given(st.dictionaries(st.sampled_from(list(LEVELS)), _own))
def test_drift_names_exactly_who_differs_from_the_level_above(own: dict[CreditCode, dict[str, Any]]) -> None:
    found = said(own)
    drifted = {each.task_code: each for each in drift_of(found, AREAS)}
    for of in LEVELS:
        own_terms = terms_of(found, task(of), AREAS)
        above = terms_of(found, own_terms.line[-2], AREAS) if len(own_terms.line) > 1 else found
        differs = any(list(getattr(own_terms, name)) != list(getattr(above, name)) for name in ("places", "hours", "contacts", "materials"))
        assert (task(of) in drifted) == (differs or own_terms.promised != above.promised)


def delegation(area: str = "310101002", what: str = "acceptance", first: str = "2026-01-01", last: str | None = None) -> dict[str, Any]:
    return {"what": what, "to": "示例·街道", "area": area, "from_on": first, "until_on": last, "basis": PLAIN}


@pytest.mark.parametrize(
    ("given_", "broken"),
    [
        ([delegation()], []),
        ([delegation("310101002003")], []),
        ([delegation(), delegation(what="decision")], []),
        ([delegation(last="2026-06-30"), delegation(first="2026-07-01")], []),
        ([delegation(first="2026-02-01", last="2026-01-31")], ["delegation-dates"]),
        ([delegation("310104002")], ["delegation-area"]),
        ([delegation(last="2026-06-30"), delegation(first="2026-06-30")], ["delegation-twice"]),
        ([delegation(), delegation()], ["delegation-twice"]),
    ],
)
def test_acceptance_or_decision_is_delegated_downwards_and_once_at_a_time(given_: list[dict[str, Any]], broken: list[str]) -> None:
    assert codes(said({DISTRICT: {"delegations": given_}})) == broken


def test_a_delegation_is_in_force_from_its_first_to_its_last_day() -> None:
    one = Delegation.model_validate_json(json.dumps(delegation(first="2026-03-01", last="2026-03-31")))
    on = {day: bool(delegated([one], date.fromisoformat(day))) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")}
    assert on == {"2026-02-28": False, "2026-03-01": True, "2026-03-31": True, "2026-04-01": False}
    endless = Delegation.model_validate_json(json.dumps(delegation()))
    assert delegated([endless], date(2099, 1, 1)) == [endless]
