"""Tables whose lines say, column by column, when which outcome holds; and what one decides about values of which some are unknown."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Protocol, Self

from chassis.decisions.conditions import Condition, Kind, Value, condition, is_day

MOST_CASES: Final = 5000
"""Into how many cases that can differ a table may fall."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Column:
    """What a table looks at. A text has `allowed` values; integers and dates may have bounds, which are possible values too."""

    name: str
    kind: Kind
    allowed: tuple[str, ...] = ()
    minimum: int | str | None = None
    maximum: int | str | None = None

    def has(self, value: object) -> bool:
        """Whether this is one of the column's possible values."""
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "text":
            return isinstance(value, str) and value in self.allowed
        if self.kind == "integer":
            return isinstance(value, int) and not isinstance(value, bool) and self._is_within(value)
        return isinstance(value, str) and is_day(value) and self._is_within(value)

    def _is_within(self, value: Value) -> bool:
        # The bounds of a column are of its own kind.
        return (self.minimum is None or self.minimum <= value) and (self.maximum is None or value <= self.maximum)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Line:
    """When every condition of `when` (column, text in CEL) holds, the outcome is this one."""

    id: str
    when: tuple[tuple[str, str], ...]
    outcome: str


class SaidValue(Protocol):
    @property
    def value(self) -> str: ...


class SaidInput(Protocol):
    """An input as somebody has published it: a name, a kind, and what bounds its values."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def allowed(self) -> Sequence[SaidValue]: ...
    @property
    def minimum(self) -> int | None: ...
    @property
    def maximum(self) -> int | None: ...
    @property
    def earliest(self) -> date | None: ...
    @property
    def latest(self) -> date | None: ...


class SaidRow(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def when(self) -> Mapping[str, str]: ...
    @property
    def outcome(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, inputs: Iterable[SaidInput], rows: Iterable[SaidRow]) -> Self:
        """The table that somebody has published."""
        return cls(tuple(map(_column, inputs)), tuple(Line(row.id, tuple(row.when.items()), row.outcome) for row in rows))


@dataclass(frozen=True, slots=True)
class Decision:
    """`outcome` is None where it depends on the `missing` columns; `lines` are those that may decide."""

    outcome: str | None
    lines: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as bits: bit n of a mask says that line n can hold. `classes` are, for each column, the masks of values that make a
    difference, each with the least such value."""

    table: Table
    cells: tuple[tuple[Condition | None, ...], ...]
    classes: tuple[tuple[tuple[int, Value], ...], ...]

    @property
    def everything(self) -> int:
        return (1 << len(self.table.lines)) - 1

    @property
    def cases(self) -> int:
        return math.prod(map(len, self.classes))


def _column(said: SaidInput) -> Column:
    days = (said.earliest and said.earliest.isoformat(), said.latest and said.latest.isoformat())
    bounds = (said.minimum, said.maximum) if said.kind == "integer" else days
    return Column(said.name, said.kind, tuple(each.value for each in said.allowed), *bounds)


@lru_cache(maxsize=512)
def grid(table: Table) -> Grid:
    """Raises NotACondition."""
    cells = tuple(_cells(table, column) for column in table.columns)
    return Grid(table, cells, tuple(_classes(column, each) for column, each in zip(table.columns, cells, strict=True)))


def decide(table: Table, known: Mapping[str, Value]) -> Decision:
    """What the table says about known values; the outcome is there only if every possible value of the others leads to it.

    `known` has possible values of columns. Raises NotACondition.
    """
    whole = grid(table)
    possible = whole.everything
    unknown: dict[str, tuple[int, ...]] = {}
    for column, cells, classes in zip(table.columns, whole.cells, whole.classes, strict=True):
        if column.name in known:
            possible &= mask(cells, known[column.name])
        else:
            unknown[column.name] = tuple(each for each, _ in classes)
    distinct = {name: tuple(dict.fromkeys(each & possible for each in masks)) for name, masks in unknown.items()}
    outcomes: dict[tuple[int, ...], str | None] = {}
    deciding = 0
    for case in itertools.product(*distinct.values()):
        holding = possible
        for each in case:
            holding &= each
        deciding |= holding
        said = {line.outcome for line in _lines(table, holding)}
        outcomes[case] = said.pop() if len(said) == 1 else None
    outcome = next(iter(outcomes.values())) if len(set(outcomes.values())) == 1 else None
    missing = () if outcome else tuple(name for at, name in enumerate(distinct) if _matters(outcomes, at))
    return Decision(outcome, tuple(line.id for line in _lines(table, deciding)), missing)


def mask(cells: Iterable[Condition | None], value: Value) -> int:
    """Which lines can hold for this value of a column."""
    return sum(1 << at for at, cell in enumerate(cells) if cell is None or cell.holds(value))


def _lines(table: Table, holding: int) -> list[Line]:
    return [line for at, line in enumerate(table.lines) if holding >> at & 1]


def _matters(outcomes: Mapping[tuple[int, ...], str | None], at: int) -> bool:
    """Whether two cases that differ in this place alone have different outcomes."""
    others: dict[tuple[int, ...], str | None] = {}
    return any(others.setdefault(case[:at] + case[at + 1 :], outcome) != outcome for case, outcome in outcomes.items())


def _cells(table: Table, column: Column) -> tuple[Condition | None, ...]:
    said = [dict(line.when).get(column.name) for line in table.lines]
    return tuple(None if text is None else condition(text, column.kind) for text in said)


def _classes(column: Column, cells: tuple[Condition | None, ...]) -> tuple[tuple[int, Value], ...]:
    found: dict[int, Value] = {}
    for value in _critical(column, {constant for cell in cells if cell for constant in cell.constants}):
        found.setdefault(mask(cells, value), value)
    return tuple(found.items())


def _critical(column: Column, constants: set[Value]) -> list[Value]:
    """Values of which one stands for every other: nothing changes between two neighbouring constants of the conditions."""
    if column.kind == "boolean":
        return [False, True]
    if column.kind == "text":
        return list(column.allowed)
    found = {near for constant in constants for near in _around(constant)}
    found |= {bound for bound in (column.minimum, column.maximum) if bound is not None}
    if not found:
        found = {0 if column.kind == "integer" else "2000-01-01"}
    return sorted(each for each in found if column.has(each))


def _around(constant: Value) -> list[Value]:
    if isinstance(constant, int):
        return [constant - 1, constant, constant + 1]
    day = date.fromisoformat(constant)
    before = [(day - _DAY).isoformat()] if day > date.min else []
    after = [(day + _DAY).isoformat()] if day < date.max else []
    return [*before, constant, *after]
