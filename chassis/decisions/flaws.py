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

Fault = Literal["form", "condition", "outcome", "never", "unused", "size", "gap", "overlap", "unreachable"]
_MOST_GAPS: Final = 3


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault, with the line it is in (of a gap: the nearest one) and what is wrong.

    `others` are the lines it conflicts with; `example` is a shortest case that shows it.
    """

    fault: Fault
    line: str
    rule: str
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
        return [*found, Flaw("size", "", f"the table falls into {whole.cases} cases; at most {MOST_CASES} can be checked")]
    return found or _between(whole)


def _in_form(table: Table) -> Iterator[Flaw]:
    for name in _twice(column.name for column in table.columns):
        yield Flaw("form", "", f"the input {name} is given once")
    for name in _twice(line.id for line in table.lines):
        yield Flaw("form", name, "each row has an id of its own")
    for column in table.columns:
        if rule := _wrong(column):
            yield Flaw("form", "", f"{column.name}: {rule}")


def _twice(names: Iterator[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _wrong(column: Column) -> str | None:
    bounds = [each for each in (column.minimum, column.maximum) if each is not None]
    if (column.kind == "text") != bool(column.allowed):
        return "a text, and nothing else, names its allowed values"
    if len(set(column.allowed)) != len(column.allowed):
        return "an allowed value is given once"
    expected = {"integer": int, "date": str}.get(column.kind)
    if any(expected is None or not isinstance(each, expected) for each in bounds):
        return f"bounds are of the kind {column.kind}"
    if len(bounds) == 2 and not bounds[0] <= bounds[1]:  # type: ignore[operator]
        return "the least value is not above the greatest"
    return None


def _in_lines(table: Table, outcomes: Collection[str]) -> Iterator[Flaw]:
    columns = {column.name: column for column in table.columns}
    for line in table.lines:
        if line.outcome not in outcomes:
            yield Flaw("outcome", line.id, f"the outcome {line.outcome} is one of {', '.join(sorted(outcomes))}")
        for name, text in line.when:
            if name not in columns:
                yield Flaw("form", line.id, f"the input {name} is one of the table")
            elif rule := _unreadable(columns[name], text):
                yield Flaw("condition", line.id, f"{name}: {rule}")


def _unreadable(column: Column, text: str) -> str | None:
    try:
        constants = condition(text, column.kind).constants
    except NotACondition as refusal:
        return str(refusal)
    strange = [str(each) for each in constants if column.kind == "text" and each not in column.allowed]
    return f"{', '.join(strange)} is not an allowed value" if strange else None


def _never(whole: Grid) -> Iterator[Flaw]:
    for column, cells, classes in zip(whole.table.columns, whole.cells, whole.classes, strict=True):
        for at, cell in enumerate(cells):
            if cell and not any(each >> at & 1 for each, _ in classes):
                yield Flaw("never", whole.table.lines[at].id, f"{column.name}: {cell.text} is true of no possible value")


def _unused(table: Table) -> Iterator[Flaw]:
    asked = {name for line in table.lines for name, _ in line.when}
    for column in table.columns:
        if column.name not in asked:
            yield Flaw("unused", "", f"{column.name}: no row asks for it")


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
            flaws.append(Flaw("unreachable", lines[at].id, f"every case of the row is one of {', '.join(names)}", names, example))
    for (one, other), case in found.overlaps.items():
        if other in found.alone:
            example = _example(whole, case, (lines[one], lines[other]))
            rule = f"no case is also one of the row {lines[one].id}: {_said(example)}"
            flaws.append(Flaw("overlap", lines[other].id, rule, (lines[one].id,), example))
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
    return Flaw("gap", name, f"no row holds for {_said(example)}; the nearest is {name}", (), example)


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
    return (
        ", ".join(f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in example.items()) or "anything"
    )
