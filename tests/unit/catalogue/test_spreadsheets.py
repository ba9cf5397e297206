"""A catalogue as a workbook: nothing is lost on the way, and what is no honest workbook is not unfolded."""

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import openpyxl
import pytest
from openpyxl.comments import Comment

from contracts.api.catalogue import ImportCatalogue
from deploy.local import seed
from services.catalogue.domain.matters import ImportRefused
from services.catalogue.domain.spreadsheets import exchange, layout
from services.catalogue.domain.spreadsheets.cells import SpreadsheetRefused

FEW: Final = 20
"""Matters of the workbooks that are spoilt: what is refused is refused in a workbook of any size."""
ODD = "=1+1_x0041_ x005F_ +CMD|' /C calc'!A0 \"引\"<b>&amp;^，\u3000末"


def said(text: str = "内容", **more: Any) -> dict[str, Any]:
    return {"text": text, "provenance": "illustrative", "source": "出处", **more}


def full() -> dict[str, Any]:
    """A document in which every element of the model says something."""
    document = seed.document()
    document["matters"] = document["matters"][:2]
    matter = document["matters"][0]
    agency = matter["implementations"][0]["task_code"]
    every = ("basis", "conditions", "places", "hours", "rights", "duties", "intermediaries")
    matter |= {name: [said(ODD), said("第二\n行", source=None)] for name in every}
    matter |= {name: said(name) for name in ("visit_reason", "quantity_limit", "city_wide_exception")}
    matter |= {
        "commitment": said(check="核查"),
        "local_basic_code": "0012",
        "aliases": ["=别名", "1e5", "007"],
        "depth": [1, 3, 8],
        "life_events": ["出生^死亡"],
        "joint_agencies": ["甲", "乙"],
        "cross_region": ["nation", "city"],
        "fees": [said("工本费", standard="10元", may_be_reduced="可减")],
        "contacts": [said("12345", kind="consult")],
        "remedies": [said("复议", kind="review")],
        "questions": [{"question": "问", "answer": "答\n二", "provenance": "illustrative"}],
        "special_procedures": [said(name="听证", is_extension=True, working_days=10)],
        "delivery": {"express": True, "appointment": "预约"},
        "layout": [{"code": "all", "zh": "全部", "en": "All", "fields": matter["form"]}],
        "automatic": said(),
        "is_renewal": True,
        "asked_anyway": [{"field": matter["form"][0], "reason": said()}],
        "guiding": next(each["guiding"] for each in seed.document()["matters"] if each.get("guiding")),
    }
    matter["materials"][0] |= {"basis": said(), "accept": ["清晰", "完整"], "blank_form": "表", "sample": "样", "deferrable_days": 5}
    matter["implementations"][0] |= {
        "local_task_code": "LT", "places": [said("一楼")], "hours": [], "contacts": [said("6", kind="supervise")], "reason": said("更近"),
        "promised": {"working_days": 0, "provenance": "illustrative"}, "without_materials": [matter["materials"][0]["code"]],
        "delegations": [{"what": "acceptance", "to": "街道", "area": "310101001", "from_on": "2026-01-01", "until_on": "2026-12-31", "basis": said()}],
    }  # fmt: skip
    assert agency
    return document


def few() -> dict[str, Any]:
    document = seed.document()
    document["matters"] = document["matters"][:FEW]
    return document


def read(document: dict[str, Any]) -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(document))


def book_of(document: dict[str, Any]) -> bytes:
    return exchange.give(read(document).model_dump(mode="json"))


@cache
def ordinary() -> bytes:
    return book_of(few())


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("document", [seed.document, full], ids=["the seed", "every element"])
def test_what_goes_into_a_workbook_comes_out_of_it(document: Callable[[], dict[str, Any]]) -> None:
    assert exchange.take(book_of(document()), dry_run=False).document == read(document())


def test_what_another_program_saved_again_comes_out_of_it() -> None:
    assert exchange.take(saved(opened(book_of(full()))), dry_run=False).document == read(full())


def test_every_member_of_a_matter_says_something_in_that_test() -> None:
    first = read(full()).matters[0].model_dump(mode="json")
    assert [name for name, value in first.items() if value in (None, [], {})] == ["en"] * (first["en"] is None)


def test_a_part_without_a_sheet_is_json_in_pieces() -> None:
    document = read(full()).model_dump(mode="json")
    document["matters"][0]["guiding"] = {"text": "长" * 70_000}
    page = opened(exchange.give(document))["parts"]
    rows = [row for row in page.iter_rows(min_row=3, values_only=True) if row[2] == "guiding"]
    assert [row[3] for row in rows] == [1, 2, 3]
    assert json.loads("".join(str(row[4]) for row in rows)) == document["matters"][0]["guiding"]


def test_sheets_are_headed_by_chinese_titles_and_national_names() -> None:
    book = opened(ordinary())
    assert book.sheetnames == [sheet.name for sheet in layout.SHEETS]
    heads = {str(name.value): title.value for title, name in zip(book["matters"][1], book["matters"][2], strict=True)}
    assert (heads["catalog_code"], heads["task_name"], heads["limit_scene_num"]) == ("基本编码", "事项名称", "到办事现场次数")
    for sheet in book:
        for title in sheet[1]:
            assert any("\u4e00" <= character <= "\u9fff" for character in str(title.value)), (sheet.title, title.value)


def test_all_errors_are_told_by_sheet_row_and_column() -> None:
    book = opened(book_of(full()))
    spoilt = {
        ("matters", "is_immediate"): "也许",
        ("materials", "original_num"): 11,
        ("steps", "handle_day"): 1.5,
        ("divisions", "division_code"): "31",
    }
    for (sheet, name), value in spoilt.items():
        (column,) = [cell.column for cell in book[sheet][2] if cell.value == name]
        book[sheet].cell(4, column).value = value
    book["elements"].append(["310101900999", None, "basis", "无主", "illustrative"])
    with pytest.raises(ImportRefused) as refused:
        exchange.take(saved(book), dry_run=False)
    errors = refused.value.extensions["errors"]
    told = {(each["table"], each["row"], each["column"]) for each in errors}
    assert {(sheet, "4", name) for sheet, name in spoilt} < told
    assert ("elements", str(book["elements"].max_row), "catalog_code") in told
    assert all(each["rule"] and each["zh"] for each in errors)


def refusal(content: bytes) -> str:
    with pytest.raises(SpreadsheetRefused) as refused:
        exchange.take(content, dry_run=False)
    assert refused.value.problem.code == "spreadsheet-refused"
    return str(refused.value.extensions["rule"])


def with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO(ordinary())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def test_formulas_are_refused_where_they_stand() -> None:
    book = opened(ordinary())
    book["matters"].cell(3, 3).value = "=HYPERLINK(1)"
    assert refusal(saved(book)) == "formulas are not taken"


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin", "xl/macrosheets/a.xml"]
)
def test_macros_and_links_are_refused(name: str) -> None:
    assert refusal(with_part(name, b"x")) == "macros, links and embedded objects are not taken"


def test_what_unfolds_to_too_much_is_refused_before_it_is_unfolded() -> None:
    assert "unfolds" in refusal(with_part("xl/media/big.xml", b"\0" * (300 * 1024 * 1024)))


def test_a_part_twice_and_too_many_parts_are_refused() -> None:
    assert "parts" in refusal(with_part("XL/WORKBOOK.xml", b"x"))
    out = io.BytesIO(ordinary())
    with zipfile.ZipFile(out, "a") as package:
        for number in range(101):
            package.writestr(f"xl/media/{number}.xml", b"x")
    assert "parts" in refusal(out.getvalue())


def test_a_sheet_that_is_too_wide_or_too_long_is_refused() -> None:
    book = opened(ordinary())
    book["divisions"].cell(5, 200).value = "x"
    assert "rows" in refusal(saved(book))
    book = opened(ordinary())
    book["divisions"].cell(400_000, 1).value = "x"
    assert "rows" in refusal(saved(book))


def test_columns_nobody_knows_are_refused() -> None:
    book = opened(ordinary())
    book["matters"].cell(2, 1).value = "surprise"
    assert refusal(saved(book)) == "the second row names columns of this sheet"


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(content) == "the file is no readable workbook"


def test_a_truncated_or_damaged_workbook_is_refused() -> None:
    whole = ordinary()
    assert refusal(whole[: len(whole) // 2])
    damaged = bytearray(whole)
    for place in range(2000, 20_000, 500):
        damaged[place] ^= 0xFF
    assert refusal(bytes(damaged))


def test_comments_and_colours_do_no_harm() -> None:
    book = opened(ordinary())
    book["divisions"].cell(3, 1).comment = Comment("核对", "某人")
    assert exchange.take(saved(book), dry_run=True).document.matters == read(few()).matters
