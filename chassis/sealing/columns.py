"""Which columns are sealed. Every column of bytes says what it is, in its `info`:

- `{"sealed": True}`: sealed by the service's sealer;
- `{"lookup_of": "x"}`: the lookup of exactly the text sealed in column `x` of the same table;
- `{"lookup_alone": "why"}`: the lookup of a text that is kept nowhere, and why its row may go when its key does;
- `{"plain": "why"}`: none of these, with the reason why what stands there is nobody's secret.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table

_MARKS = ("sealed", "lookup_of", "lookup_alone", "plain")


@dataclass(frozen=True, slots=True)
class SealedTable:
    """`lookups`: each with the column of its text."""

    table: Table
    sealed: tuple[Column[Any], ...]
    lookups: tuple[tuple[Column[Any], Column[Any]], ...]
    alone: tuple[Column[Any], ...]

    @property
    def key(self) -> tuple[Column[Any], ...]:
        return tuple(self.table.primary_key.columns)

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return (*self.sealed, *(lookup for lookup, _ in self.lookups), *self.alone)


def sealed_tables(metadata: MetaData) -> list[SealedTable]:
    """Raises ValueError for a lookup of a column that is not sealed."""
    return [found for table in metadata.sorted_tables if (found := _sealed(table)).columns]


def _sealed(table: Table) -> SealedTable:
    sealed = {column.name: column for column in table.columns if column.info.get("sealed")}
    lookups = [(column, column.info["lookup_of"]) for column in table.columns if "lookup_of" in column.info]
    if lost := [column.name for column, name in lookups if name not in sealed]:
        raise ValueError(f"{table.name}: {', '.join(lost)} look up what is not sealed")
    alone = tuple(column for column in table.columns if "lookup_alone" in column.info)
    return SealedTable(table, tuple(sealed.values()), tuple((column, sealed[name]) for column, name in lookups), alone)


def unmarked(metadata: MetaData) -> Iterator[str]:
    """Columns of bytes that do not say what they are, or say two things."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            marks = [mark for mark in _MARKS if mark in column.info]
            if isinstance(column.type, LargeBinary) and len(marks) != 1:
                yield f"{table.name}.{column.name}"
