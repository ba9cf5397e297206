"""What a sheet is, and the columns by which its rows say what they belong to."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "number", "decimal", "flag", "lines", "codes", "numbers", "json"]
"""How a value stands in a cell. `lines` are one to a line, `codes` and `numbers` separated by ^ as the exchange does."""


@dataclass(frozen=True, slots=True)
class Column:
    """`path` is where the value is in the element, `name` the national column where there is one."""

    path: str
    name: str
    zh: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`parts` are the members of a matter, or of an implementation, whose elements stand here; a sheet of several says which
    in a column of its own."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    parts: tuple[str, ...] = ()
    local_parts: tuple[str, ...] = ()
    is_of_package: bool = False

    @property
    def keys(self) -> tuple[Column, ...]:
        """What an element belongs to."""
        if self.is_of_package:
            return (PACKAGE,)
        task = (TASK,) if self.local_parts else ()
        which = (PART,) if len({*self.parts, *self.local_parts}) > 1 else ()
        return (CATALOG, *task, *which)


CATALOG: Final = Column("basic_code", "catalog_code", "基本编码")
PACKAGE: Final = Column("package", "package_code", "一件事编码")
TASK: Final = Column("task_code", "task_code", "实施编码（空：各实施主体相同）")
PART: Final = Column("part", "part", "要素")
MORE: Final = Column("", "more", "其他（JSON）", "json")
"""What an element says beyond the columns of its sheet."""
