"""Service points: kept all or nothing with a record of every change, and found by distance, ability and hours."""

from math import asin, cos, radians, sin, sqrt
from random import Random
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from chassis.http import CallerFacts
from contracts.values import DivisionCode, OfficerId, PartyId
from deploy.local import seed as committed
from services.catalogue.tables import service_point_changes, service_points
from tests.component.catalogue.conftest import DOG, Desk, seed
from tests.support.service import EVERYTHING

Raw = dict[str, Any]
PEOPLES_SQUARE = (121.4737, 31.2304)
MONDAY_TEN = "2026-11-30T10:00:00%2B08:00"


def points() -> list[Raw]:
    found: list[Raw] = committed.points()["points"]
    return found


async def take(desk: Desk, *, facts: CallerFacts | None = None, **document: Any) -> httpx.Response:
    return await desk.door.call("POST", "/service-points/imports", facts=facts or desk.party(), json=document)


@pytest.fixture
async def city(desk: Desk) -> Desk:
    """Divisions, one matter and every point of the seed."""
    assert (await desk.take(seed(DOG))).status_code == 200
    answer = await take(desk, points=points())
    assert answer.status_code == 200, answer.text
    return desk


async def found(desk: Desk, query: str) -> list[Raw]:
    """All pages."""
    items: list[Raw] = []
    after = 0
    while True:
        answer = await desk.get(f"/service-points?after={after}&{query}")
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        after = answer.json()["next"]


def codes(items: list[Raw]) -> list[str]:
    return [each["point"]["code"] for each in items]


def metres(here: tuple[float, float], point: Raw) -> float:
    """Naive, for one pair."""
    longitude, latitude = radians(point["longitude"]), radians(point["latitude"])
    up, across = (latitude - radians(here[1])) / 2, (longitude - radians(here[0])) / 2
    return 2 * 6_371_008.8 * asin(sqrt(sin(up) ** 2 + cos(latitude) * cos(radians(here[1])) * sin(across) ** 2))


async def test_the_nearest_come_first_as_a_naive_sort_has_them(city: Desk) -> None:
    chance = Random(6)
    for radius in (None, 500, 3_000, 20_000):
        here = (round(chance.uniform(121.0, 121.9), 6), round(chance.uniform(30.8, 31.6), 6)) if radius != 3_000 else PEOPLES_SQUARE
        query = f"near={here[0]},{here[1]}" + (f"&radius_m={radius}" if radius else "")
        naive = sorted((metres(here, each), each["code"]) for each in points())
        expected = [(code, round(far)) for far, code in naive if radius is None or far <= radius]
        items = await found(city, query)
        # Who stands at the same place is told apart by code; the last digit of a distance is a matter of rounding.
        assert [each["distance_m"] for each in items] == pytest.approx([far for _, far in expected], abs=1)
        assert sorted(codes(items)) == sorted(code for code, _ in expected)
        assert {each["datum"] for each in items} <= {"WGS84"}


async def test_without_a_position_points_come_by_code(city: Desk) -> None:
    items = await found(city, "")
    assert codes(items) == sorted(each["code"] for each in points())
    assert {each["distance_m"] for each in items} == {None}
    assert {(each["illustrative"], each["notice"] is None) for each in items} == {(True, False)}


async def test_kind_and_division_narrow(city: Desk) -> None:
    items = await found(city, "kind=kiosk&division=310115")
    assert codes(items) == sorted(each["code"] for each in points() if each["kind"] == "kiosk" and each["division"] == "310115")


async def test_who_can_do_a_matter_follows_from_its_channels_themes_and_reach(desk: Desk) -> None:
    document = seed(DOG)
    (matter,) = document["matters"]
    matter |= {"channels": ["window", "pc"], "themes": ["公共安全"]}
    await desk.take(document)
    await take(desk, points=points())
    assert codes(await found(desk, f"matter={DOG}&kind=kiosk")) == []
    comprehensive = {each["code"] for each in points() if each["does"].get("is_comprehensive")}
    windows = set(codes(await found(desk, f"matter={DOG}")))
    assert windows == {each for each in comprehensive if not each.startswith("kiosk")}
    matter |= {"channels": ["kiosk"], "themes": ["社会保障"], "served": ["enterprise"]}
    matter["implementations"] = [each for each in matter["implementations"] if each["task_code"][2:8] == "310101"]
    await desk.take(document)
    kiosks = set(codes(await found(desk, f"matter={DOG}")))
    # Of Huangpu alone; all its kiosks are for this theme or for everything.
    assert kiosks == {each["code"] for each in points() if each["kind"] == "kiosk" and each["division"] == "310101"}


async def test_a_matter_that_is_named_can_be_done_and_an_unknown_one_is_not_found(city: Desk) -> None:
    (only,) = [each for each in points() if each["code"] == "station-310101-1"]
    assert "station-310101-1" not in codes(await found(city, f"matter={DOG}&kind=station"))
    only["does"] = {"matters": [DOG]}
    await take(city, points=[only])
    assert codes(await found(city, f"matter={DOG}&kind=station")) == ["station-310101-1"]
    assert (await city.get("/service-points?matter=310101999999")).json()["code"] == "matter-not-found"


async def test_open_at_a_moment(city: Desk) -> None:
    by_day = set(codes(await found(city, f"open_at={MONDAY_TEN}")))
    by_night = set(codes(await found(city, "open_at=2026-11-30T03:00:00%2B08:00")))
    on_a_holiday = set(codes(await found(city, "open_at=2026-10-01T10:00:00%2B08:00&kind=hall")))
    assert {each for each in by_day if each.startswith("hall")} == {each["code"] for each in points() if each["kind"] == "hall"}
    assert by_night == {each["code"] for each in points() if each["code"].startswith("kiosk") and each["code"].endswith("-1")}
    assert on_a_holiday == set()


async def test_a_point_says_whether_it_is_open_and_when_next(city: Desk) -> None:
    now = city.door.app.state.clock.now()
    hall = (await city.get("/service-points/hall-310101-1?near=121.4737,31.2304")).json()
    assert hall["at"] == now.isoformat().replace("+00:00", "Z")
    assert hall["is_open"] == (hall["opens_at"] is None)
    assert hall["distance_m"] == round(metres(PEOPLES_SQUARE, hall["point"]))
    always = (await city.get("/service-points/kiosk-310101-1")).json()
    assert (always["is_open"], always["closes_at"]) == (True, None)
    missing = await city.get("/service-points/hall-999")
    assert (missing.status_code, missing.json()["code"]) == (404, "service-point-not-found")


async def test_the_same_document_again_changes_nothing(city: Desk) -> None:
    again = await take(city, points=points())
    assert again.json() == {"added": 0, "changed": 0, "removed": 0, "unchanged": len(points()), "dry_run": False}
    async with city.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(service_point_changes))).scalar_one() == len(points())


async def test_every_change_says_who_made_it_and_when(city: Desk) -> None:
    (station,) = [each for each in points() if each["code"] == "station-310101-1"]
    facts = CallerFacts(
        "gateway",
        party=PartyId.new(),
        party_kind="district",
        division=DivisionCode("310101"),
        officer=OfficerId("hp-001"),
        permissions=EVERYTHING,
    )
    moved = station | {"latitude": 31.24}
    assert (await take(city, facts=facts, points=[moved])).json()["changed"] == 1
    assert (await take(city, facts=facts, gone=["station-310101-1"])).json()["removed"] == 1
    assert (await city.get("/service-points/station-310101-1")).status_code == 404
    said = (await city.get("/service-points/station-310101-1/changes")).json()
    assert [(each["officer"], (each["before"] or {}).get("latitude"), (each["after"] or {}).get("latitude")) for each in said] == [
        ("hp-001", 31.24, None), ("hp-001", station["latitude"], 31.24), (None, None, station["latitude"]),
    ]  # fmt: skip
    assert {each["party"] for each in said[:2]} == {facts.party}
    assert {each["at"] for each in said} == {city.door.app.state.clock.now().isoformat().replace("+00:00", "Z")}
    assert (await city.get("/service-points/nobody-knows/changes")).status_code == 404


async def test_one_broken_point_and_nothing_is_taken(desk: Desk) -> None:
    await desk.take(seed(DOG))
    hall, window = [each for each in points() if each["code"] in {"hall-310101-1", "window-310101-1-a"}]
    broken = [
        hall | {"division": "310103"},
        window | {"hall": "hall-nowhere"},
        hall | {"code": "h-2", "area": "310104900", "windows": 2, "purpose": "service", "hall": "hall-310101-1"},
        hall | {"code": "h-3", "does": {"is_comprehensive": True, "themes": ["社会保障"]}},
        hall | {"code": "h-4", "hours": {"weekly": [{"days": [1], "opens": "17:00", "closes": "09:00"}], "follows_calendar": True}},
        hall | {"code": "h-4"},
    ]
    answer = await take(desk, points=broken, gone=["h-4", "h-9"])
    assert (answer.status_code, answer.json()["code"]) == (422, "import-refused")
    assert [(each["table"], each["row"], each["column"]) for each in answer.json()["errors"]] == [
        ("points", "1", "division"), ("points", "2", "hall"), ("points", "3", "area"), ("points", "3", "hall"), ("points", "3", "windows"),
        ("points", "3", "purpose"), ("points", "3", "hall"), ("points", "4", "does"), ("points", "5", "hours"), ("points", "5", "code"), ("points", "6", "code"),
        ("points", "6", "code"), ("gone", "1", "code"), ("gone", "2", "code"),
    ]  # fmt: skip
    async with desk.database.reading() as session:
        for table in (service_points, service_point_changes):
            assert (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 0


async def test_a_hall_stays_while_a_window_is_in_it(city: Desk) -> None:
    refused = await take(city, gone=["hall-310101-2"])
    assert refused.json()["errors"][0]["rule"] == "no window is left in a hall that is gone"
    assert (await take(city, gone=["hall-310101-2", "window-310101-2-a"])).json()["removed"] == 2


async def test_a_district_keeps_its_own_points_only(city: Desk) -> None:
    facts = city.party("district", division=DivisionCode("310104"))
    (kiosk,) = [each for each in points() if each["code"] == "kiosk-310101-2"]
    for document in ({"points": [kiosk]}, {"points": [kiosk | {"division": "310104"}]}, {"gone": ["kiosk-310101-2"]}):
        answer = await take(city, facts=facts, **document)
        assert [each["rule"] for each in answer.json()["errors"]] == ["a district's system keeps its own points"], document


async def test_a_dry_run_says_what_would_change_and_changes_nothing(city: Desk) -> None:
    (kiosk,) = [each for each in points() if each["code"] == "kiosk-310101-2"]
    answer = await take(city, points=[kiosk | {"phone": "示例"}, kiosk | {"code": "kiosk-new"}], gone=["kiosk-310104-2"], dry_run=True)
    assert answer.json() == {"added": 1, "changed": 1, "removed": 1, "unchanged": 0, "dry_run": True}
    assert codes(await found(city, "")) == sorted(each["code"] for each in points())


@pytest.mark.parametrize(
    "query",
    [
        "near=121", "near=31.2,121.4,1", "near=181,31", "near=121,91", "near=nan,inf", "radius_m=100", "near=121,31&radius_m=0", "kind=shop",
        "matter=1", "division=31", "open_at=yesterday", "open_at=2026-11-30T10:00:00", "after=-1",
    ],
)  # fmt: skip
async def test_a_question_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    assert (await desk.get(f"/service-points?{query}")).status_code == 422


async def test_routes_for_the_outside_need_the_gateway_and_its_permission(desk: Desk) -> None:
    routes = [
        ("POST", "/service-points/imports"), ("GET", "/service-points"), ("GET", "/service-points/hall-1"), ("GET", "/service-points/hall-1/changes"),
        ("GET", "/lists"), ("GET", "/lists/fees"), ("GET", "/metrics/catalogue"),
    ]  # fmt: skip
    for method, path in routes:
        for facts in (CallerFacts("application", party=PartyId.new(), permissions=EVERYTHING), CallerFacts("gateway", party=PartyId.new())):
            answer = await desk.door.call(method, path, facts=facts, json={} if method == "POST" else None)
            assert answer.status_code == 403, path
