"""What is wrong with a table: exactly one of its lines must hold in every case, and every line in some case.

The check is exact: it looks at one value of each class of values that no condition tells apart.
"""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from chassis.decisions.conditions import NotACondition, Value, condition
from chassis.decisions.tables import MOST_CASES, Column, Grid, Line, Table, grid
from contracts.rules import Told, rule

Fault = Literal["form", "condition", "outcome", "never", "unused", "size", "gap", "overlap", "unreachable"]
_MOST_GAPS: Final = 3
_SIZE: Final = rule(
    "table-size", "the table falls into {cases} cases; at most {most} can be checked", "该表分为 {cases} 种情况，最多可检查 {most} 种"
)
_INPUT_TWICE: Final = rule("table-input-twice", "the input {name} is given once", "输入项 {name} 重复")
_ROW_TWICE: Final = rule("table-row-twice", "each row has an id of its own", "各行的标识不得重复")
_COLUMN: Final = rule("table-column", "{name}: {rule}", "{name}：{rule}")
_ALLOWED: Final = rule("table-allowed", "a text, and nothing else, names its allowed values", "文本型输入须列出可选值，其他类型不得列出")
_ALLOWED_TWICE: Final = rule("table-allowed-twice", "an allowed value is given once", "可选值不得重复")
_BOUNDS: Final = rule("table-bounds", "bounds are of the kind {kind}", "上下限应为 {kind} 类型")
_BOUNDS_ORDER: Final = rule("table-bounds-order", "the least value is not above the greatest", "下限不得大于上限")
_OUTCOME: Final = rule("table-outcome", "the outcome {outcome} is one of {outcomes}", "结论 {outcome} 应为 {outcomes} 之一")
_INPUT: Final = rule("table-input", "the input {name} is one of the table", "表中没有输入项 {name}")
_NOT_ALLOWED: Final = rule("table-value", "{values} is not an allowed value", "{values} 不是可选值")
_NEVER: Final = rule("table-never", "{name}: {text} is true of no possible value", "{name}：{text} 对任何可能的值都不成立")
_UNUSED: Final = rule("table-unused", "{name}: no row asks for it", "{name}：没有任何一行用到该输入项")
_COVERED: Final = rule("table-unreachable", "every case of the row is one of {others}", "该行的各种情况都已被 {others} 包含")
_OVERLAP: Final = rule("table-overlap", "no case is also one of the row {other}: {example}", "与第 {other} 行重叠：{example}")
_GAP: Final = rule(
    "table-gap", "no row holds for {example}; the nearest is {nearest}", "{example} 时没有任何一行适用；最接近的是 {nearest}"
)
_ANYTHING: Final = rule("table-anything", "anything", "任何情况")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault, with the line it is in (of a gap: the nearest one) and what is wrong.

    `others` are the lines it conflicts with; `example` is a shortest case that shows it.
    """

    fault: Fault
    line: str
    rule: Told
    others: tuple[str, ...] = ()
    example: Mapping[str, Value] | None = None


def flaws_in(table: Table, outcomes: Collection[str]) -> list[Flaw]:
    """Everything that is wrong with a table; conditions are compared only when each of them can be read."""
    found = [*_in_form(table), *_in_lines(table, outcomes)]
    if found:
        return found
    whole = grid(table)
    found = [*_never(whole), *_unused(table)]
    if whole.cases > MOST_CASES:
        return [*found, Flaw("size", "", _SIZE.broken(cases=whole.cases, most=MOST_CASES))]
    return found or _between(whole)


def _in_form(table: Table) -> Iterator[Flaw]:
    for name in _twice(column.name for column in table.columns):
        yield Flaw("form", "", _INPUT_TWICE.broken(name=name))
    for name in _twice(line.id for line in table.lines):
        yield Flaw("form", name, _ROW_TWICE.broken())
    for column in table.columns:
        if told := _wrong(column):
            yield Flaw("form", "", _COLUMN.broken(name=column.name, rule=told))


def _twice(names: Iterator[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _wrong(column: Column) -> Told | None:
    bounds = [each for each in (column.minimum, column.maximum) if each is not None]
    if (column.kind == "text") != bool(column.allowed):
        return _ALLOWED.broken()
    if len(set(column.allowed)) != len(column.allowed):
        return _ALLOWED_TWICE.broken()
    expected = {"integer": int, "date": str}.get(column.kind)
    if any(expected is None or not isinstance(each, expected) for each in bounds):
        return _BOUNDS.broken(kind=column.kind)
    if len(bounds) == 2 and not bounds[0] <= bounds[1]:  # type: ignore[operator]
        return _BOUNDS_ORDER.broken()
    return None


def _in_lines(table: Table, outcomes: Collection[str]) -> Iterator[Flaw]:
    columns = {column.name: column for column in table.columns}
    for line in table.lines:
        if line.outcome not in outcomes:
            yield Flaw("outcome", line.id, _OUTCOME.broken(outcome=line.outcome, outcomes=", ".join(sorted(outcomes))))
        for name, text in line.when:
            if name not in columns:
                yield Flaw("form", line.id, _INPUT.broken(name=name))
            elif told := _unreadable(columns[name], text):
                yield Flaw("condition", line.id, _COLUMN.broken(name=name, rule=told))


def _unreadable(column: Column, text: str) -> Told | None:
    try:
        constants = condition(text, column.kind).constants
    except NotACondition as refusal:
        return refusal.told
    strange = [str(each) for each in constants if column.kind == "text" and each not in column.allowed]
    return _NOT_ALLOWED.broken(values=", ".join(strange)) if strange else None


def _never(whole: Grid) -> Iterator[Flaw]:
    for column, cells, classes in zip(whole.table.columns, whole.cells, whole.classes, strict=True):
        for at, cell in enumerate(cells):
            if cell and not any(each >> at & 1 for each, _ in classes):
                yield Flaw("never", whole.table.lines[at].id, _NEVER.broken(name=column.name, text=cell.text))


def _unused(table: Table) -> Iterator[Flaw]:
    asked = {name for line in table.lines for name, _ in line.when}
    for column in table.columns:
        if column.name not in asked:
            yield Flaw("unused", "", _UNUSED.broken(name=column.name))


@dataclass(slots=True)
class _Found:
    """`gaps` by the places of the classes of each column; `overlaps` by two lines, with the first case of each pair; `alone` are
    the lines that are the first to hold in some case."""

    gaps: list[tuple[int, ...]]
    overlaps: dict[tuple[int, int], tuple[int, ...]]
    alone: set[int]


def _between(whole: Grid) -> list[Flaw]:
    found = _walk(whole)
    lines = whole.table.lines
    flaws = list(_gaps(whole, found.gaps))
    for at in range(len(lines)):
        if at not in found.alone:
            covering = [one for one, other in found.overlaps if other == at]
            example = _example(whole, found.overlaps[covering[0], at], (lines[at], lines[covering[0]]))
            names = tuple(lines[one].id for one in covering)
            flaws.append(Flaw("unreachable", lines[at].id, _COVERED.broken(others=", ".join(names)), names, example))
    for (one, other), case in found.overlaps.items():
        if other in found.alone:
            example = _example(whole, case, (lines[one], lines[other]))
            told = _OVERLAP.broken(other=lines[one].id, example=_said(example))
            flaws.append(Flaw("overlap", lines[other].id, told, (lines[one].id,), example))
    return flaws


def _walk(whole: Grid) -> _Found:
    found = _Found([], {}, set())
    seen: set[int] = set()
    for case in itertools.product(*(range(len(classes)) for classes in whole.classes)):
        holding = whole.everything
        for classes, at in zip(whole.classes, case, strict=True):
            holding &= classes[at][0]
        if not holding:
            found.gaps.append(case)
        elif holding not in seen:
            seen.add(holding)
            together = [at for at in range(len(whole.table.lines)) if holding >> at & 1]
            found.alone.add(together[0])
            for pair in itertools.combinations(together, 2):
                found.overlaps.setdefault(pair, case)
    return found


def _example(whole: Grid, case: tuple[int, ...], lines: tuple[Line, Line]) -> dict[str, Value]:
    """The case as far as either line looks at it."""
    asked = {name for line in lines for name, _ in line.when}
    values = zip(whole.table.columns, whole.classes, case, strict=True)
    return {column.name: classes[at][1] for column, classes, at in values if column.name in asked}


def _gaps(whole: Grid, gaps: list[tuple[int, ...]]) -> Iterator[Flaw]:
    """A few gaps, the widest first."""
    for _ in range(_MOST_GAPS):
        if gaps:
            places = _shortest(whole, gaps)
            yield _gap(whole, places)
            gaps = [gap for gap in gaps if any(gap[column] != at for column, at in places)]


def _gap(whole: Grid, places: list[tuple[int, int]]) -> Flaw:
    example = {whole.table.columns[column].name: whole.classes[column][at][1] for column, at in places}
    nearest = min(range(len(whole.table.lines)), key=lambda line: _distance(whole, line, places))
    name = whole.table.lines[nearest].id
    return Flaw("gap", name, _GAP.broken(example=_said(example), nearest=name), (), example)


def _distance(whole: Grid, line: int, places: list[tuple[int, int]]) -> tuple[int, int]:
    """How far a line is from holding, and how many of its conditions hold less those that do not."""
    steps, agreeing = 0, 0
    for column, at in places:
        holding = [place for place, (mask, _) in enumerate(whole.classes[column]) if mask >> line & 1]
        has_order = whole.table.columns[column].kind in {"integer", "date"}
        steps += min(abs(place - at) if has_order else int(place != at) for place in holding)
        agreeing += whole.cells[column][line] is not None and at in holding
    return steps, -agreeing


def _shortest(whole: Grid, gaps: list[tuple[int, ...]]) -> list[tuple[int, int]]:
    """The fewest (column, class) that make a gap whatever the other columns are."""
    sizes = [len(classes) for classes in whole.classes]
    columns = range(len(sizes))
    for count in columns:
        for chosen in itertools.combinations(columns, count):
            whole_of_it = math.prod(sizes[column] for column in columns if column not in chosen)
            for places, found in Counter(tuple(gap[column] for column in chosen) for gap in gaps).items():
                if found == whole_of_it:
                    return list(zip(chosen, places, strict=True))
    return list(enumerate(gaps[0]))


def _said(example: Mapping[str, Value]) -> str:
    said = ", ".join(f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in example.items())
    return said or _ANYTHING.broken()
