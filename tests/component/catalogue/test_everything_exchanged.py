"""Packages and service points leave and come in with the catalogue, as JSON and as a workbook."""

import io
from typing import Any

import httpx
import openpyxl
import pytest

from chassis.http import CallerFacts
from contracts.values import CreditCode, OfficerId
from deploy.local import seed as committed
from services.catalogue.domain.spreadsheets.workbook import MEDIA_TYPE
from tests.component.catalogue.conftest import CURATED, Desk, seed

HEALTH, CIVIL = CreditCode("11310000TE5T01369L"), CreditCode("11310000TE5T01350P")
BESIDE = ("divisions", "agencies", "fields", "packages", "points")


def document() -> dict[str, Any]:
    steps = {item["basic_code"] for package in committed.packages() for item in package.get("items", ())}
    return seed(*CURATED, *steps) | {"packages": committed.packages(), "points": committed.points()["points"]}


def officer(desk: Desk, agency: CreditCode | None = HEALTH) -> CallerFacts:
    return desk.party(officer=OfficerId("hb-001"), agency=agency)


async def submitted(desk: Desk, facts: CallerFacts, said: dict[str, Any]) -> httpx.Response:
    return await desk.door.call("POST", "/matters/imports", facts=facts, json=said)


@pytest.fixture
async def full(desk: Desk) -> Desk:
    facts = officer(desk)
    waiting = await submitted(desk, facts, document())
    assert waiting.status_code == 200, waiting.text[:2000]
    beside = waiting.json()["findings"]["beside"]
    assert (len(beside["packages"]), len(beside["points"])) == (len(committed.packages()), len(committed.points()["points"]))
    answer = await desk.review(waiting.json(), facts, officer="hb-002")
    assert answer.status_code == 200, answer.text[:2000]
    return desk


async def exported(desk: Desk, kind: str = "json") -> httpx.Response:
    return await desk.door.call("GET", f"/catalogue/export?format={kind}", facts=desk.party())


async def spreadsheet(desk: Desk, book: bytes, facts: CallerFacts) -> httpx.Response:
    path = "/matters/imports/spreadsheets?dry_run=true"
    return await desk.door.call("POST", path, facts=facts, content=book, media_type=MEDIA_TYPE)


def spoilt(book: bytes, cells: dict[str, tuple[str, Any]]) -> bytes:
    """By sheet: a column, and what its first row says instead."""
    found = openpyxl.load_workbook(io.BytesIO(book))
    for sheet, (name, value) in cells.items():
        (column,) = [cell.column for cell in found[sheet][2] if cell.value == name]
        found[sheet].cell(3, column).value = value
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


async def test_packages_and_points_come_back_as_they_left(full: Desk) -> None:
    """From JSON and from a workbook; and a workbook is refused by sheet, row, column and rule."""
    copy = (await exported(full)).json()
    assert {each["code"] for each in copy["packages"]} == {each["code"] for each in committed.packages()}
    assert len(copy["points"]) == len(committed.points()["points"])
    book = (await exported(full, "xlsx")).content
    nobody = officer(full, agency=None)
    for answer in (await submitted(full, nobody, copy | {"dry_run": True}), await spreadsheet(full, book, nobody)):
        assert answer.status_code == 200, answer.text[:2000]
        assert [answer.json()[name] for name in ("created", "revised")] == [0, 0]
        assert answer.json()["beside"] == {name: [] for name in BESIDE}
    assert (await full.get("/packages/newborn")).json()["package"] in copy["packages"]
    broken = spoilt(book, {"package_items": ("promise_day", "快"), "points": ("longitude", "东")})
    answer = await spreadsheet(full, broken, officer(full))
    told = {(each["table"], each["row"], each["column"], each["zh"]) for each in answer.json()["errors"]}
    assert {("package_items", "3", "promise_day", "应为整数"), ("points", "3", "longitude", "应为数字")} <= told
    answer = await spreadsheet(
        full, spoilt(book, {"points": ("division_code", "319999"), "packages": ("lead_function", None)}), officer(full)
    )
    assert ("points", "3", "division_code", "point-division") in {
        (each["table"], each["row"], each["column"], each["code"]) for each in answer.json()["errors"]
    }


async def test_a_package_of_an_import_keeps_the_rules_of_packages(full: Desk) -> None:
    copy = (await exported(full)).json()
    (newborn,) = [each for each in copy["packages"] if each["code"] == "newborn"]
    row = str(copy["packages"].index(newborn) + 1)
    first, *_ = newborn["items"]
    first["depends_on"] = [newborn["items"][-1]["code"]]
    newborn["items"][-1]["depends_on"] = [first["code"]]
    said = {"packages": copy["packages"], "dry_run": True}
    for agency, code in ((HEALTH, "package-cycle"), (None, "package-agency"), (CIVIL, "package-of-another")):
        answer = await submitted(full, officer(full, agency), said)
        assert (answer.status_code, answer.json()["code"]) == (422, "import-refused")
        errors = {each["code"]: each for each in answer.json()["errors"]}
        assert (errors[code]["table"], errors[code]["row"]) == ("packages", row)
        assert errors[code]["rule"]
        assert errors[code]["zh"]


async def test_what_an_import_says_of_packages_and_points_is_taken(full: Desk) -> None:
    copy = (await exported(full)).json()
    (newborn,) = [each for each in copy["packages"] if each["code"] == "newborn"]
    newborn["aliases"], point = ["添丁进口"], copy["points"][0]
    point["phone"] = "021-12345"
    facts = officer(full)
    waiting = (await submitted(full, facts, {"packages": [newborn], "points": [point]})).json()
    assert waiting["findings"]["beside"] == {name: [] for name in BESIDE[:3]} | {"packages": ["newborn"], "points": [point["code"]]}
    assert (await full.review(waiting, facts, officer="hb-002")).status_code == 200
    read = (await full.get("/packages/newborn")).json()
    assert (read["version"], read["package"]["aliases"]) == (2, ["添丁进口"])
    assert (await full.get(f"/service-points/{point['code']}")).json()["point"]["phone"] == "021-12345"
