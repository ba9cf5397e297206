"""Rows of sheets as a catalogue, each element still knowing its row."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_origin

from contracts.api.catalogue import Matter
from contracts.rules import Told, rule
from services.catalogue.domain.matters import said_of
from services.catalogue.domain.spreadsheets.beside import PACKAGE_CHILDREN, PACKAGES, POINTS
from services.catalogue.domain.spreadsheets.cells import item_of
from services.catalogue.domain.spreadsheets.layout import AGENCIES, ALONE, CHILDREN, DIVISIONS, FIELDS, IMPLEMENTATIONS, MATTERS, PARTS
from services.catalogue.domain.spreadsheets.sheets import MORE, Sheet

FIRST_ROW: Final = 3
"""Above it stand the Chinese titles and the names of the columns."""
Said = dict[str, list[tuple[int, dict[str, Any]]]]
"""By sheet, its rows with their numbers; a row is its cells by the name of the column."""
Place = tuple[str | int, ...]
_BASE: Final = (DIVISIONS, AGENCIES, FIELDS, MATTERS, PACKAGES, POINTS)
"""What belongs to nothing else; each is a list of the document of the same name."""
_NO_MATTER: Final = rule("sheet-matter", "the matter is in the sheet matters", "matters 表中没有该基本编码")
_NO_PACKAGE: Final = rule("sheet-package", "the package is in the sheet packages", "packages 表中没有该一件事编码")
_NO_IMPLEMENTATION: Final = rule(
    "sheet-implementation", "the implementation is in the sheet implementations", "implementations 表中没有该实施编码"
)
_OTHER_PART: Final = rule("sheet-part", "one of {parts}", "应为 {parts} 之一")
_PART_TWICE: Final = rule("sheet-part-twice", "it is given once", "该要素只能有一行")
_PIECES: Final = rule("sheet-pieces", "the pieces of a part are JSON together", "各行接续后应为 JSON")
_LISTS: Final = tuple(name for name, said in Matter.model_fields.items() if said.is_required() and get_origin(said.annotation) is list)


@dataclass(slots=True)
class Document:
    """What a workbook says. `places` are the sheets and rows of elements by where they are in `content`."""

    content: dict[str, list[dict[str, Any]]]
    places: dict[Place, tuple[Sheet, int]] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)

    def add_error(self, sheet: Sheet, row: int, column: str, told: Told) -> None:
        self.errors.append({"table": sheet.name, "row": str(row), **said_of(column, told)})

    def where(self, place: Place) -> tuple[Sheet, int, str]:
        """Sheet, row and column of what is wrong at this place of the content."""
        for length in range(len(place), 0, -1):
            if found := self.places.get(place[:length]):
                return *found, _column(found[0], place[length:])
        return MATTERS, 0, ".".join(str(each) for each in place)


def document_of(said: Said) -> Document:
    document = Document({sheet.name: [] for sheet in _BASE})
    for sheet in _BASE:
        _add_base(document, sheet, said.get(sheet.name, ()))
    numbers: dict[str, int] = {}
    for number, each in enumerate(document.content["matters"]):
        numbers.setdefault(each.get("basic_code", ""), number)
        # An empty cell says nothing, and that there is none of something that has to be said is a rule's to find.
        for name in _LISTS:
            each.setdefault(name, [])
        each["implementations"] = []
    _add_implementations(document, said.get(IMPLEMENTATIONS.name, ()), numbers)
    for sheet in CHILDREN:
        _add_children(document, sheet, said.get(sheet.name, ()), numbers)
    _add_parts(document, said.get(PARTS.name, ()), numbers)
    for sheet in PACKAGE_CHILDREN:
        _add_to_packages(document, sheet, said.get(sheet.name, ()))
    return document


def _column(sheet: Sheet, place: Place) -> str:
    path = ".".join(str(each) for each in place if isinstance(each, str))
    named = {column.path: column.name for column in (*sheet.keys, *sheet.columns)}
    return named.get(path) or next((name for known, name in named.items() if path and known.startswith(f"{path}.")), path or sheet.name)


def _item(document: Document, sheet: Sheet, row: int, cells: Mapping[str, Any]) -> dict[str, Any]:
    item, wrong = item_of(cells, sheet.columns if sheet is MATTERS else (*sheet.columns, MORE))
    for column, reason in wrong:
        document.add_error(sheet, row, column, reason.told)
    return item


def _add_base(document: Document, sheet: Sheet, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    items = document.content[sheet.name]
    for row, cells in rows:
        document.places[sheet.name, len(items)] = (sheet, row)
        items.append(_item(document, sheet, row, cells))


def _owner(document: Document, sheet: Sheet, row: int, cells: Mapping[str, Any], numbers: Mapping[str, int]) -> Place | None:
    """Where the matter or the implementation is that this row belongs to."""
    code, task_code = (str(cells.get(name) or "") for name in ("catalog_code", "task_code"))
    number = numbers.get(code)
    if number is None:
        document.add_error(sheet, row, "catalog_code", _NO_MATTER.broken())
        return None
    if not task_code or sheet is IMPLEMENTATIONS:
        return ("matters", number)
    for at, one in enumerate(document.content["matters"][number]["implementations"]):
        if one.get("task_code") == task_code:
            return ("matters", number, "implementations", at)
    document.add_error(sheet, row, "task_code", _NO_IMPLEMENTATION.broken())
    return None


def _at(document: Document, place: Place) -> dict[str, Any]:
    found: Any = document.content
    for each in place:
        found = found[each]
    said: dict[str, Any] = found
    return said


def _add_implementations(document: Document, rows: Iterable[tuple[int, dict[str, Any]]], numbers: Mapping[str, int]) -> None:
    for row, cells in rows:
        if (owner := _owner(document, IMPLEMENTATIONS, row, cells, numbers)) is not None:
            items = _at(document, owner)["implementations"]
            document.places[*owner, "implementations", len(items)] = (IMPLEMENTATIONS, row)
            items.append(_item(document, IMPLEMENTATIONS, row, cells))


def _add_children(document: Document, sheet: Sheet, rows: Iterable[tuple[int, dict[str, Any]]], numbers: Mapping[str, int]) -> None:
    for row, cells in rows:
        owner = _owner(document, sheet, row, cells, numbers)
        if owner is None:
            continue
        possible = sheet.parts if len(owner) == 2 else sheet.local_parts
        part = str(cells.get("part") or "") if len({*sheet.parts, *sheet.local_parts}) > 1 else (*possible, "")[0]
        if part not in possible:
            column = "part" if "part" in {each.name for each in sheet.keys} else "task_code"
            document.add_error(sheet, row, column, _OTHER_PART.broken(parts=", ".join(possible)))
            continue
        item, of = _item(document, sheet, row, cells), _at(document, owner)
        if part not in ALONE:
            items = of.setdefault(part, [])
            document.places[*owner, part, len(items)] = (sheet, row)
            items.append(item)
        elif part in of:
            document.add_error(sheet, row, "part", _PART_TWICE.broken())
        else:
            document.places[*owner, part] = (sheet, row)
            of[part] = item


def _add_to_packages(document: Document, sheet: Sheet, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    numbers = {each.get("code"): number for number, each in reversed(list(enumerate(document.content["packages"])))}
    (part,) = sheet.parts
    for row, cells in rows:
        number = numbers.get(str(cells.get("package_code") or ""))
        if number is None:
            document.add_error(sheet, row, "package_code", _NO_PACKAGE.broken())
            continue
        items = document.content["packages"][number].setdefault(part, [])
        document.places["packages", number, part, len(items)] = (sheet, row)
        items.append(_item(document, sheet, row, cells))


def _add_parts(document: Document, rows: Iterable[tuple[int, dict[str, Any]]], numbers: Mapping[str, int]) -> None:
    texts: dict[tuple[Place, str], tuple[int, list[str]]] = {}
    for row, cells in rows:
        if (owner := _owner(document, PARTS, row, cells, numbers)) is not None:
            _, pieces = texts.setdefault((owner, str(cells.get("part") or "")), (row, []))
            pieces.append(str(cells.get("json_text") or ""))
    for (owner, name), (row, pieces) in texts.items():
        of = _at(document, owner)
        try:
            value = json.loads("".join(pieces))
        except (json.JSONDecodeError, RecursionError):
            document.add_error(PARTS, row, "json_text", _PIECES.broken())
            continue
        if isinstance(of.get(name), dict) and isinstance(value, dict):
            of[name] |= value
        else:
            of[name] = value
        document.places[*owner, name] = (PARTS, row)
