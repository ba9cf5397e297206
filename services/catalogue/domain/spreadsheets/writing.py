"""A catalogue as rows of sheets."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.catalogue.domain.spreadsheets.beside import PACKAGE_CHILDREN, PACKAGES, POINTS
from services.catalogue.domain.spreadsheets.cells import LONGEST, cells_of
from services.catalogue.domain.spreadsheets.layout import (
    AGENCIES,
    ALONE,
    CHILDREN,
    DIVISIONS,
    FIELDS,
    IMPLEMENTATIONS,
    MATTERS,
    PARTS,
    SHEETS,
)
from services.catalogue.domain.spreadsheets.sheets import Column

Rows = dict[str, list[list[Any]]]
_BASE: Final = {"divisions": DIVISIONS, "agencies": AGENCIES, "fields": FIELDS, "points": POINTS}


def rows_of(catalogue: Mapping[str, Any]) -> Rows:
    """By sheet, the rows of a document in JSON (`ImportCatalogue`). Nothing that it says is left out.

    Raises SpreadsheetRefused where a text is longer than a cell.
    """
    rows: Rows = {sheet.name: [] for sheet in SHEETS}
    for table, sheet in _BASE.items():
        rows[sheet.name] = [_whole(item, sheet.columns) for item in catalogue.get(table, ())]
    for package in catalogue.get("packages", ()):
        _add_package(rows, package)
    for matter in catalogue["matters"]:
        _add_matter(rows, matter)
    return rows


def _whole(item: Mapping[str, Any], columns: tuple[Column, ...]) -> list[Any]:
    cells, rest = cells_of(item, columns)
    return [*cells, json.dumps(rest, ensure_ascii=False) if rest else None]


def _add_package(rows: Rows, package: Mapping[str, Any]) -> None:
    left = dict(package)
    for sheet in PACKAGE_CHILDREN:
        (part,) = sheet.parts
        rows[sheet.name] += [[package["code"], *_whole(item, sheet.columns)] for item in left.pop(part, ())]
    rows[PACKAGES.name].append(_whole(left, PACKAGES.columns))


def _add_matter(rows: Rows, matter: Mapping[str, Any]) -> None:
    code = matter["basic_code"]
    left = dict(matter)
    for one in left.pop("implementations"):
        _add_implementation(rows, code, one)
    _add_children(rows, left, code, None)
    cells, rest = cells_of(left, MATTERS.columns)
    rows[MATTERS.name].append(cells)
    rows[PARTS.name] += _pieces(rest, code, None)


def _add_implementation(rows: Rows, code: str, one: Mapping[str, Any]) -> None:
    left = dict(one)
    # Nothing of its own is not the same as nothing at all: only the first is as the level above.
    empty = {name: left.pop(name) for name in ("places", "hours", "contacts") if left.get(name) == []}
    _add_children(rows, left, code, one["task_code"])
    cells, rest = cells_of(left, IMPLEMENTATIONS.columns)
    rows[IMPLEMENTATIONS.name].append([code, *cells, None])
    rows[PARTS.name] += _pieces(rest | empty, code, one["task_code"])


def _add_children(rows: Rows, left: dict[str, Any], code: str, task_code: str | None) -> None:
    """Moves what has a sheet out of `left` into its rows."""
    for sheet in CHILDREN:
        for part in sheet.parts if task_code is None else sheet.local_parts:
            for item in _items(left.pop(part, None), part):
                keys = {"basic_code": code, "task_code": task_code, "part": part}
                rows[sheet.name].append([*(keys[column.path] for column in sheet.keys), *_whole(item, sheet.columns)])


def _items(value: Any, part: str) -> Iterable[Mapping[str, Any]]:
    if value is None:
        return ()
    return (value,) if part in ALONE else value


def _pieces(rest: Mapping[str, Any], code: str, task_code: str | None) -> Iterator[list[Any]]:
    for name, value in rest.items():
        text = json.dumps(value, ensure_ascii=False)
        for number, start in enumerate(range(0, len(text), LONGEST), start=1):
            yield [code, task_code, name, number, text[start : start + LONGEST]]
