"""City, district, street and community through the service: what is in force where, who differs and who acts for whom."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from tests.component.catalogue.conftest import Desk
from tests.component.catalogue.offices import Office
from tests.unit.catalogue.test_domain import matter
from tests.unit.catalogue.test_levels import AREAS, BASIC, CITY, COMMUNITY, DISTRICT, LEVELS, OTHER, STREET, days, delegation, place, task

WHY = {"text": "示例：街道窗口人手充足", "provenance": "illustrative"}


def document(own: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    divisions = [{"code": code, "zh": "示例", "en": "Example"} for code in ("310000", "310101", "310104")]
    agencies = [
        {"code": of, "name": f"示例·{level}", "division": of.division, "function": "示例", "area": AREAS.get(of)}
        for of, level in LEVELS.items()
    ]
    fields = [{"name": "dog_name", "zh": "犬名", "en": "Name", "value": {"type": "string"}}]
    rows = [{"task_code": task(of), **own.get(of, {})} for of in LEVELS]
    return {"divisions": divisions, "agencies": agencies, "fields": fields, "matters": [matter(level=2, implementations=rows)], **more}


LOCAL = {
    CITY: {"promised": days(8)},
    DISTRICT: {"places": place("区中心"), "reason": WHY, "delegations": [delegation(first="2026-01-01", last="2098-12-31")]},
    STREET: {"promised": days(5)},
    COMMUNITY: {"without_materials": ["card"]},
}


@pytest.fixture
async def desk_with_levels(desk: Desk) -> Desk:
    answer = await desk.take(document(LOCAL))
    assert answer.status_code == 200, answer.text
    return desk


async def test_guide_definition_and_search_say_what_holds_at_each_level(desk_with_levels: Desk) -> None:
    desk = desk_with_levels
    found = {each["task_code"]: each["promised_working_days"] for each in await desk.found("狗证")}
    for of, promise, where, materials in (
        (CITY, 8, "示例", 1), (DISTRICT, 8, "区中心", 1), (OTHER, 8, "示例", 1), (STREET, 5, "区中心", 1), (COMMUNITY, 5, "区中心", 0)
    ):  # fmt: skip
        guide = (await desk.get(f"/matters/{task(of)}")).json()
        definition = (await desk.definition(task(of))).json()
        assert (guide["matter"]["promised"]["working_days"], definition["promised_working_days"], found[task(of)]) == (promise,) * 3
        assert (guide["matter"]["places"][0]["text"], len(guide["matter"]["materials"]), len(definition["materials"])) == (
            where,
            materials,
            materials,
        )
    assert (await desk.get(f"/matters/{task(COMMUNITY)}")).json()["inherits_from"] == [task(each) for each in (CITY, DISTRICT, STREET)]


async def test_a_delegation_is_shown_on_its_days(desk: Desk, clock: FixedClock) -> None:
    first = (clock.now() + timedelta(days=10)).date().isoformat()
    await desk.take(document({DISTRICT: {"delegations": [delegation(first=first, last=first)]}}))
    shown = []
    for step in (0, 10, 1):
        clock.advance(timedelta(days=step))
        guide = (await desk.get(f"/matters/{task(DISTRICT)}")).json()
        definition = (await desk.definition(task(DISTRICT))).json()
        assert guide["delegated"] == definition["delegated"]
        shown.append([(each["what"], each["area"]) for each in guide["delegated"]])
    assert shown == [[], [("acceptance", "310101002")], []]


async def test_drift_says_who_differs_in_what_and_why(desk_with_levels: Desk) -> None:
    answer = await desk_with_levels.get(f"/matters/{BASIC}/drift")
    found = {each["task_code"]: each for each in answer.json()}
    assert {each: row["above"] for each, row in found.items()} == {
        task(CITY): None,
        task(DISTRICT): task(CITY),
        task(STREET): task(DISTRICT),
        task(COMMUNITY): task(STREET),
    }
    (change,) = found[task(STREET)]["changes"]
    assert (change["path"], change["zh"], change["before"], change["after"]) == (
        "promised.working_days",
        "承诺时限：工作日",
        8,
        5,
    )
    assert (found[task(STREET)]["reason"], found[task(DISTRICT)]["reason"]["text"]) == (None, WHY["text"])
    assert (found[task(DISTRICT)]["agency_name"], found[task(DISTRICT)]["division"]) == ("示例·4", "310101")


async def test_drift_over_all_matters_is_narrowed_by_division_and_reason(desk_with_levels: Desk) -> None:
    async def listed(query: str) -> list[str]:
        answer = await desk_with_levels.get(f"/drift?{query}")
        assert answer.status_code == 200, answer.text
        return [each["task_code"] for each in answer.json()["items"]]

    assert sorted(await listed("")) == sorted(task(each) for each in (CITY, DISTRICT, STREET, COMMUNITY))
    assert sorted(await listed("division=310101")) == sorted(task(each) for each in (DISTRICT, STREET, COMMUNITY))
    assert await listed("division=310104") == []
    assert await listed("division=310101&is_reasoned=true") == [task(DISTRICT)]
    assert sorted(await listed("division=310101&is_reasoned=false")) == sorted([task(STREET), task(COMMUNITY)])
    assert await listed(f"after={BASIC}") == []


async def test_a_matter_without_local_terms_does_not_drift(desk: Desk) -> None:
    await desk.take(document({}))
    assert (await desk.get("/drift")).json() == {"items": [], "next": None}
    assert (await desk.get(f"/matters/{BASIC}/drift")).json() == []
    assert (await desk.get("/matters/310101900009/drift")).json()["code"] == "matter-not-found"


async def test_an_import_refuses_by_code_what_a_level_may_not_say(desk: Desk) -> None:
    answer = await desk.take(document({DISTRICT: {"promised": days(10)}, STREET: {"promised": days(21)}}))
    assert (answer.status_code, answer.json()["code"]) == (422, "import-refused")
    assert [(each["row"], each["column"], each["code"]) for each in answer.json()["errors"]] == [
        ("1", "implementations", "promise-over-above"),
        ("1", "implementations", "promise-over-statutory"),
    ]
    moved = document({})
    moved["agencies"][3]["area"] = "310104002"
    assert [each["column"] for each in (await desk.take(moved)).json()["errors"]] == ["area"]


async def test_a_street_asks_for_less_by_its_districts_own_draft(desk_with_levels: Desk) -> None:
    district = Office(desk_with_levels, kind="district", division="310101")
    await district.published(await district.own(task(STREET), without_materials=["card"], reason=WHY))
    guide = (await desk_with_levels.get(f"/matters/{task(STREET)}")).json()
    assert (guide["version"], guide["matter"]["materials"]) == (2, [])


async def test_a_level_below_that_asked_for_less_already_stops_nobody_above(desk_with_levels: Desk) -> None:
    district = Office(desk_with_levels, kind="district", division="310101")
    await district.published(await district.own(task(DISTRICT), without_materials=["card"], reason=WHY))
    drifted = (await desk_with_levels.get(f"/matters/{BASIC}/drift")).json()
    assert task(COMMUNITY) not in {each["task_code"] for each in drifted}


async def test_the_agency_at_the_nearest_level_of_exercise_decides_for_a_place(desk_with_levels: Desk) -> None:
    for where, of in (("310000", CITY), ("310101", DISTRICT), ("310104", OTHER), ("310101002", STREET), ("310101002003", COMMUNITY)):
        found = (await desk_with_levels.get(f"/competences/{BASIC}?place={where}")).json()
        assert (found["task_code"], found["candidates"]) == (task(of), [])
    nobody = (await desk_with_levels.get(f"/competences/{BASIC}?place=440100")).json()
    assert (nobody["task_code"], nobody["candidates"]) == (None, [])
    assert (await desk_with_levels.get(f"/competences/{BASIC}?place=3101")).status_code == 422
