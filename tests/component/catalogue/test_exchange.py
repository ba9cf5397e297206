"""A copy of the whole catalogue, and back; what a client has already is not sent again."""

import io
import json
from typing import Any

import httpx
import openpyxl
import pytest

from contracts.values import OfficerId
from services.catalogue.domain.spreadsheets.workbook import MEDIA_TYPE
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed

SPREADSHEETS = "/matters/imports/spreadsheets"


async def exported(desk: Desk, kind: str, **headers: str) -> httpx.Response:
    return await desk.door.call("GET", f"/catalogue/export?format={kind}", facts=desk.party("department"), headers=headers)


async def sent(desk: Desk, content: bytes, media_type: str = MEDIA_TYPE, query: str = "") -> httpx.Response:
    facts = desk.party(officer=OfficerId("db-001"))
    return await desk.door.call("POST", f"{SPREADSHEETS}{query}", facts=facts, content=content, media_type=media_type)


def counted(answer: httpx.Response) -> list[int]:
    return [answer.json()[name] for name in ("created", "revised", "unchanged")]


@pytest.mark.long
async def test_the_whole_seed_comes_back_as_it_left(desk: Desk) -> None:
    """From JSON and from a workbook."""
    assert (await desk.take(seed())).status_code == 200
    matters = len(seed()["matters"])
    copy = await exported(desk, "json")
    assert (copy.status_code, copy.headers["content-type"]) == (200, "application/json")
    document = copy.json()
    assert len(document["matters"]) == matters
    book = await exported(desk, "xlsx")
    assert (book.status_code, book.headers["content-type"]) == (200, MEDIA_TYPE)
    for answer in (await desk.take(document | {"dry_run": True}), await sent(desk, book.content, query="?dry_run=true")):
        assert counted(answer) == [0, 0, matters]
        assert answer.json()["beside"] == {"divisions": [], "agencies": [], "fields": [], "packages": [], "points": []}


async def test_an_empty_catalogue_takes_a_workbook_by_two_officers(desk: Desk) -> None:
    await desk.take(seed(DOG))
    book = openpyxl.load_workbook(io.BytesIO((await exported(desk, "xlsx")).content))
    page = book["matters"]
    (column,) = [cell.column for cell in page[2] if cell.value == "promise_day"]
    page.cell(3, column).value = 8
    out = io.BytesIO()
    book.save(out)
    facts = desk.party(officer=OfficerId("db-001"))
    waiting = await desk.door.call("POST", SPREADSHEETS, facts=facts, content=out.getvalue(), media_type=MEDIA_TYPE)
    (change,) = waiting.json()["findings"]["changes"]
    assert [(each["path"], each["before"], each["after"]) for each in change["parts"]] == [("promised.working_days", 9, 8)]
    assert (await desk.review(waiting.json(), facts)).status_code == 200
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["matter"]["promised"]["working_days"] == 8


async def test_a_workbook_is_refused_by_sheet_row_and_column(desk: Desk) -> None:
    await desk.take(seed(DOG))
    book = openpyxl.load_workbook(io.BytesIO((await exported(desk, "xlsx")).content))
    spoilt = {"matters": ("promise_day", 300), "materials": ("source_type", "天上"), "implementations": ("promise_day", "快")}
    for sheet, (name, value) in spoilt.items():
        (column,) = [cell.column for cell in book[sheet][2] if cell.value == name]
        book[sheet].cell(4 if sheet == "materials" else 3, column).value = value
    out = io.BytesIO()
    book.save(out)
    answer = await sent(desk, out.getvalue())
    assert (answer.status_code, answer.json()["code"]) == (422, "import-refused")
    told = {(each["table"], each["row"], each["column"]): each for each in answer.json()["errors"]}
    assert told["implementations", "3", "promise_day"]["zh"] == "应为整数"
    assert told["materials", "4", "source_type"]["zh"] == "不在可选值之内"
    del spoilt["materials"], spoilt["implementations"]
    for sheet, row, name, value in (("materials", 4, "source_type", "applicant"), ("implementations", 3, "promise_day", None)):
        (column,) = [cell.column for cell in book[sheet][2] if cell.value == name]
        book[sheet].cell(row, column).value = value
    out = io.BytesIO()
    book.save(out)
    answer = await sent(desk, out.getvalue())
    told = {(each["table"], each["row"], each["column"]): each for each in answer.json()["errors"]}
    assert told["matters", "3", "promise_day"]["zh"] == "承诺时限不得超过法定时限"


async def test_what_is_no_workbook_is_refused_with_a_stable_code(desk: Desk) -> None:
    for content in (b"", b"PK\x03\x04", b"{}", b"\x00" * 100):
        answer = await sent(desk, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "spreadsheet-refused"), content
    assert (await sent(desk, b"{}", "application/json")).status_code == 415


def _tagged(task_code: str) -> list[str]:
    return [
        "/matters?q=%E8%AF%81",
        "/matters",
        f"/matters/{task_code}",
        "/divisions",
        "/agencies",
        "/matter-changes?since=0",
        f"/matters/{DOG}/versions",
    ]


async def test_what_a_client_has_is_not_sent_again_until_it_changes(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    before = {path: await desk.get(path) for path in _tagged(DOG_IN_HUANGPU)}
    for path, answer in before.items():
        tag = answer.headers["etag"]
        assert answer.headers["cache-control"] == "no-cache", path
        for said in (tag, f"W/{tag}", f'"x,y", {tag}', "*"):
            again = await desk.get(path, **{"if-none-match": said})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), (path, said)
        for said in ('"x"', tag.strip('"'), f'W/"{tag[1:9]}"'):
            assert (await desk.get(path, **{"if-none-match": said})).status_code == 200, (path, said)
    matter = document["matters"][0]
    matter["promised"]["working_days"], document["divisions"][0]["en"], document["agencies"][0]["function"] = 8, "Elsewhere", "别的"
    assert (await desk.take(document)).status_code == 200
    for path, answer in before.items():
        assert (await desk.get(path, **{"if-none-match": answer.headers["etag"]})).status_code == 200, path


@pytest.mark.parametrize("kind", ["json", "xlsx"])
async def test_a_copy_is_not_made_again_until_something_changes(desk: Desk, kind: str) -> None:
    document = seed(DOG)
    await desk.take(document)
    tag = (await exported(desk, kind)).headers["etag"]
    again = await exported(desk, kind, **{"if-none-match": f"W/{tag}"})
    assert (again.status_code, again.content) == (304, b"")
    document["matters"][0]["visits"] = 1
    await desk.take(document)
    assert (await exported(desk, kind, **{"if-none-match": tag})).status_code == 200


async def test_a_definition_and_a_document_have_tags_too(desk: Desk) -> None:
    await desk.take(seed(DOG))
    tag = (await desk.definition(DOG_IN_HUANGPU)).headers["etag"]
    assert tag == (await desk.definition(DOG_IN_HUANGPU, query="?version=1")).headers["etag"]


async def test_a_copy_is_for_who_may_have_it(desk: Desk) -> None:
    facts = desk.party("app")
    bare: Any = facts.__class__("gateway", party=facts.party, permissions=frozenset({"matter:read"}))
    assert (await desk.door.call("GET", "/catalogue/export", facts=bare)).status_code == 403
    assert json.loads((await exported(desk, "json")).content)["matters"] == []
