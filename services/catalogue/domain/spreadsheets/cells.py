"""One value in one cell, and back."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from chassis.errors import Invalid
from contracts.problems import catalogue as problems
from contracts.rules import Told, rule
from services.catalogue.domain.spreadsheets.sheets import Column, Kind

LONGEST: Final = 32_000
"""Characters in one cell; the format ends at 32,767."""
_YES: Final = frozenset({"是", "1", "true", "yes"})
_NO: Final = frozenset({"否", "0", "false", "no"})
_LONGER: Final = rule("cell-longer", "{column} is longer than a cell; export as JSON", "{column}超出单元格长度，请用 JSON 导出")
_ROUNDED: Final = rule("cell-rounded", "the cell holds text, not a rounded number", "应为文本格式，数字已被舍入")
_TEXT: Final = rule("cell-text", "the cell holds text", "应为文本")
_WHOLE: Final = rule("cell-number", "the cell holds a whole number", "应为整数")
_NUMBER: Final = rule("cell-decimal", "the cell holds a number", "应为数字")
_YES_OR_NO: Final = rule("cell-flag", "the cell says 是 or 否", "应为“是”或“否”")
_JSON: Final = rule("cell-json", "the cell holds JSON", "应为 JSON")


class SpreadsheetRefused(Invalid):
    """`rule` is what is not taken or cannot be given, `zh` the same in Chinese."""

    problem = problems.SPREADSHEET_REFUSED

    def __init__(self, told: Told, **place: Any) -> None:
        super().__init__(f"{told.zh} {told}", rule=str(told), zh=told.zh, **place)


class NotReadable(Exception):
    """What is wrong with a cell."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told


def cells_of(item: Mapping[str, Any], columns: Sequence[Column]) -> tuple[list[Any], dict[str, Any]]:
    """The cells of an element, and what of it no column says."""
    left = _copied(item)
    cells = [_written(_taken(left, column.path), column) for column in columns]
    rest = {name: value for name, value in left.items() if value is not None and value not in ({}, [])}
    return cells, rest


def item_of(cells: Mapping[str, Any], columns: Sequence[Column]) -> tuple[dict[str, Any], list[tuple[str, NotReadable]]]:
    """The element that these cells say, and the columns that say nothing readable. Empty cells say nothing."""
    item: dict[str, Any] = {}
    wrong = []
    for column in columns:
        value = cells.get(column.name)
        if value is None or value == "":
            continue
        try:
            said = _read(value, column)
        except NotReadable as reason:
            wrong.append((column.name, reason))
            continue
        if column.path:
            _put(item, column.path, said)
        elif isinstance(said, dict):
            item |= said
    return item, wrong


def _copied(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in item.items()}


def _taken(left: dict[str, Any], path: str) -> Any:
    name, _, within = path.partition(".")
    if not within:
        return left.pop(name, None)
    inner = left.get(name)
    return inner.pop(within, None) if isinstance(inner, dict) else None


def _put(item: dict[str, Any], path: str, value: Any) -> None:
    name, _, within = path.partition(".")
    if within:
        item.setdefault(name, {})[within] = value
    else:
        item[name] = value


def _written(value: Any, column: Column) -> Any:
    if value is None or value == []:
        return None
    match column.kind:
        case "number" | "decimal":
            return value
        case "flag":
            return "是" if value else "否"
        case "lines":
            text = "\n".join(value)
        case "codes" | "numbers":
            text = "^".join(str(each) for each in value)
        case "json":
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    if len(text) > LONGEST:
        raise SpreadsheetRefused(_LONGER.broken(column=Told(column.name, zh=column.zh, code="")), column=column.name)
    return text


def _read(value: Any, column: Column) -> Any:
    return _READERS[column.kind](value)


def _text(value: Any) -> str:
    """Codes that a program took for numbers are codes again, as far as they were kept exactly."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 1e15:
            raise NotReadable(_ROUNDED.broken())
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise NotReadable(_TEXT.broken())
    return str(value).replace("\r\n", "\n")


def _number(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotReadable(_WHOLE.broken())
    return value


def _decimal(value: Any) -> float:
    if not isinstance(value, bool) and isinstance(value, (int, float, str)):
        with contextlib.suppress(ValueError):
            return float(value)
    raise NotReadable(_NUMBER.broken())


def _flag(value: Any) -> bool:
    said = str(value).strip().lower()
    if said in _YES or said in _NO:
        return said in _YES
    raise NotReadable(_YES_OR_NO.broken())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise NotReadable(_JSON.broken()) from None


_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "text": _text,
    "number": _number,
    "decimal": _decimal,
    "flag": _flag,
    "lines": lambda value: _text(value).split("\n"),
    "codes": lambda value: _text(value).split("^"),
    "numbers": lambda value: [_number(each) for each in _text(value).split("^")],
    "json": lambda value: _json(_text(value)),
}
