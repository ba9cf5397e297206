"""Lists and metrics follow from what is in force, whatever it becomes; an independent count over the export agrees."""

import asyncio
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.working_days import local_day
from contracts.api.catalogue import Matter, MetricCode
from deploy.local import seed as committed
from services.catalogue import app
from services.catalogue.domain.metrics import Beside, parts_of
from services.catalogue.queries.views import Views, guiding_of
from tests.component.catalogue.conftest import CURATED, DOG, Desk, seed
from tests.component.catalogue.offices import Office
from tests.component.catalogue.recounted import HUANGPU, LISTS, SAID, Raw, agrees, metrics_of, mutated, whole
from tests.support.eventually import eventually


@pytest.fixture
async def whole_city(seeded: Desk) -> Desk:
    answer = await seeded.door.call("POST", "/service-points/imports", facts=seeded.party(), json=committed.points())
    assert answer.status_code == 200, answer.text
    return seeded


async def test_an_independent_recount_agrees_before_and_after_a_change(whole_city: Desk) -> None:
    matters = seed(*CURATED)["matters"]
    first = {each["basic_code"]: each for each in matters}
    await agrees(whole_city, matters, first)
    document = mutated(seed(*CURATED))
    taken = await whole_city.take(document)
    assert taken.status_code == 200, taken.text
    assert taken.json()["revised"] == 10
    await agrees(whole_city, document["matters"], first)
    for code in LISTS:
        assert await whole(whole_city, f"/lists/{code}"), code


async def test_lists_say_what_they_are(desk: Desk) -> None:
    lists = (await desk.get("/lists")).json()
    assert [each["code"] for each in lists] == list(LISTS)
    assert {each["policy"] for each in lists} >= {
        "零跑腿",
        "秒批",
        "上门办",
        "全市通办",
        "全市通办负面清单",
        "跨省通办",
        "容缺受理",
        "告知承诺",
    }


async def test_an_item_shows_the_element_that_puts_it_on_the_list(desk: Desk) -> None:
    document = seed(DOG)
    document["matters"][0]["special_procedures"] = [{"name": "听证", "text": "示例", "working_days": 20, **SAID}]
    document["matters"][0]["city_wide_exception"] = {"text": "须现场勘验", **SAID}
    await desk.take(document)
    (procedure,) = await whole(desk, "/lists/special-procedures")
    assert procedure["reasons"] == [{"element": "special_procedures[0]", "text": "听证", "working_days": 20, "provenance": "illustrative"}]
    (negative,) = await whole(desk, f"/lists/not-city-wide?division={HUANGPU}")
    assert negative["reasons"][0]["text"] == "须现场勘验"
    assert (negative["division"], negative["agency_name"], negative["implementations"]) == (HUANGPU, "示例·黄浦区公安分局", 1)
    assert negative["illustrative"] is True
    assert (await desk.get(f"/matters/{negative['task_code']}")).json()["version"] == negative["version"]


async def test_a_list_comes_page_by_page_and_is_not_sent_twice(seeded: Desk) -> None:
    first = await seeded.get("/lists/zero-visit")
    assert (len(first.json()["items"]), first.json()["total"] > 50) == (50, True)
    again = await seeded.get("/lists/zero-visit", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    document = seed(first.json()["items"][0]["basic_code"])
    document["matters"][0]["visits"] = 2
    await seeded.take(document)
    changed = await seeded.get("/lists/zero-visit", **{"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["total"]) == (200, first.json()["total"] - 1)


async def test_a_district_with_terms_of_its_own_is_counted_by_them(desk: Desk) -> None:
    document = seed(DOG)
    (matter,) = document["matters"]
    own = next(each for each in matter["implementations"] if each["task_code"][2:8] == HUANGPU)
    own |= {"promised": {"working_days": 2, **SAID}, "without_materials": ["vaccination-proof"]}
    await desk.take(document)
    city, here, there = [(await metrics_of(desk, query)) for query in ("", f"?division={HUANGPU}", "?division=310104")]
    statutory, promised = matter["statutory"]["working_days"], matter["promised"]["working_days"]
    assert (city["shorter-time"]["numerator"], here["shorter-time"]["numerator"]) == (statutory - promised, statutory - 2)
    assert there["shorter-time"] == city["shorter-time"]
    assert (city["fewer-materials"]["numerator"], here["fewer-materials"]["numerator"]) == (0, 1)


async def test_what_cannot_be_counted_says_why_and_is_not_zero(desk: Desk) -> None:
    metrics = await metrics_of(desk)
    for code in ("comprehensive-windows", "easy", "fast", "packages"):
        assert metrics[code]["unavailable"]["zh"], code
        assert metrics[code]["unavailable"]["en"], code
        assert metrics[code]["value"] is metrics[code]["numerator"] is None, code
    for code in set(metrics) - {"comprehensive-windows", "easy", "fast", "packages"}:
        assert (metrics[code]["numerator"], metrics[code]["denominator"], metrics[code]["value"]) == (0, 0, None), code
        assert all((metrics[code]["name"]["zh"], metrics[code]["formula"]["zh"], metrics[code]["formula"]["en"])), code


async def test_metrics_are_of_a_day_in_the_city(desk: Desk) -> None:
    answer = (await desk.get("/metrics/catalogue")).json()
    assert answer["day"] == str(local_day(desk.door.app.state.clock.now()))
    assert answer["explained"] is None


async def test_a_metric_explains_what_is_not_in_its_numerator(whole_city: Desk) -> None:
    for code in ("online", "waivable-materials", "comprehensive-windows", "shorter-time"):
        metric = (await metrics_of(whole_city))[code]
        explained = (await whole_city.get(f"/metrics/catalogue?explain={code}")).json()["explained"]
        assert explained["metric"] == code
        assert explained["total"] == len(explained["items"])
        lacking = sum(each["denominator"] - each["numerator"] for each in explained["items"])
        assert lacking == metric["denominator"] - metric["numerator"], code
        assert all(each["why"]["zh"] and each["why"]["en"] for each in explained["items"])
    none = (await whole_city.get("/metrics/catalogue?explain=packages")).json()["explained"]
    assert (none["total"], none["items"]) == (0, [])


@pytest.mark.parametrize(
    "path",
    ["/lists/nonsense", "/lists/fees?division=31", "/lists/fees?after=x", "/metrics/catalogue?explain=x", "/metrics/catalogue?division=9"],
)
async def test_a_question_that_makes_no_sense_is_refused(desk: Desk, path: str) -> None:
    assert (await desk.get(path)).status_code == 422


async def test_a_suspended_matter_is_on_no_list_and_in_no_metric(desk: Desk) -> None:
    await desk.take(seed(DOG))
    assert (await metrics_of(desk))["shorter-time"]["denominator"] > 0
    assert len(await whole(desk, "/lists/powers")) == 1
    office = Office(desk)
    assert (await office.ask("POST", f"/matters/{DOG}/suspension", {"reason": "示例"})).status_code == 200
    assert (await metrics_of(desk))["shorter-time"]["denominator"] == 0
    assert await whole(desk, "/lists/powers") == []
    assert (await office.ask("POST", f"/matters/{DOG}/resumption", {"reason": "示例"})).status_code == 200
    assert len(await whole(desk, "/lists/powers")) == 1


async def test_two_processes_answer_alike_whoever_was_asked_before(desk: Desk) -> None:
    """Each keeps what it read of a version; neither keeps what is in force."""
    one, other = Views(), Views()

    async def visits(views: Views) -> list[int]:
        async with desk.database.reading() as session:
            return [each.parts[MetricCode.ONE_VISIT].numerator for each in await views.in_force(session, None)]

    document = seed(DOG)
    await desk.take(document)
    assert await visits(one) == await visits(other) == [1]
    document["matters"][0]["visits"] = 3
    await desk.take(document)
    assert await visits(other) == await visits(one) == [0]


async def test_what_is_in_force_is_read_before_anybody_asks(desk: Desk) -> None:
    await desk.take(seed(DOG, "312001903000"))
    part, stop = app.reading_ahead(desk.door.app), asyncio.Event()

    async with asyncio.TaskGroup() as running:
        running.create_task(part.main(stop))
        assert await eventually(lambda: len(desk.door.app.state.views), within=5) == 2
        stop.set()


GUIDING: Raw = {
    "eligibility": {"rows": [{"id": "r"}]}, "prereview": [{"id": "p"}], "situations": {"situations": [{"is_quick": False}, {"is_quick": True}]},
}  # fmt: skip
FIELDS = [{"name": "a", "source": None}, {"name": "b", "source": {"holder": "person"}}]


@pytest.mark.parametrize(
    ("guiding", "fields", "easy", "fast"),
    [
        (GUIDING, FIELDS, 1, 1),
        (GUIDING, [{"name": "a", "source": "identity.name"}], 1, 1),
        (GUIDING, FIELDS[:1], 0, 1),
        (GUIDING | {"prereview": []}, FIELDS, 0, 1),
        (GUIDING | {"eligibility": None}, FIELDS, 0, 1),
        (GUIDING | {"situations": None}, FIELDS, 1, 0),
        (None, FIELDS, 0, 0),
    ],
)
async def test_easy_is_prejudged_prefilled_and_reviewed_and_fast_has_a_quick_situation(
    desk: Desk, guiding: Raw | None, fields: list[Raw], easy: int, fast: int
) -> None:
    columns = guiding_of(*(sa.cast(sa.literal(json.dumps(each)), JSONB) for each in ({"guiding": guiding}, fields)))
    async with desk.database.reading() as session:
        row = (await session.execute(sa.select(*columns))).one()
    assert row.is_guided is (guiding is not None)
    matter = Matter.model_validate_json(json.dumps(seed(DOG)["matters"][0]))
    parts = parts_of(matter, Beside(row.prejudged, row.prereviewed, row.quick, row.prefilled, first_required=1))
    assert (parts[MetricCode.EASY].numerator, parts[MetricCode.FAST].numerator) == (easy, fast)


async def test_packages_that_can_be_applied_for_are_counted_among_those_that_are_planned(desk: Desk) -> None:
    day = local_day(desk.door.app.state.clock.now())
    rows = [
        ("newborn", 1, {"name": "新生儿出生", "items": []}, day - timedelta(days=2)),
        ("newborn", 2, {"name": "新生儿出生", "items": [{"code": "a"}]}, day),
        ("opening", 1, {"name": "企业开办", "items": []}, day),
        ("opening", 2, {"name": "企业开办", "items": [{"code": "a"}]}, day + timedelta(days=1)),
        ("later", 1, {"name": "以后", "items": [{"code": "a"}]}, day + timedelta(days=1)),
    ]
    insert = sa.text(
        "INSERT INTO package_versions VALUES (:code, :version, 'a', cast(:content AS jsonb), 1, '{}', 'b', now(), :effective_on)"
    )
    async with desk.database.transaction() as session:
        for code, version, content, effective_on in rows:
            await session.execute(insert, {"code": code, "version": version, "content": json.dumps(content), "effective_on": effective_on})
    metric = (await metrics_of(desk))["packages"]
    assert (metric["numerator"], metric["denominator"], metric["value"], metric["unavailable"]) == (1, 2, 0.5, None)
    explained = (await desk.get("/metrics/catalogue?explain=packages")).json()["explained"]
    assert [(each["code"], each["name"]) for each in explained["items"]] == [("opening", "企业开办")]
    assert (await metrics_of(desk, "?division=310101"))["packages"]["value"] is None
