"""Work lists: the cases of a unit that an officer sees, a page at a time, from narrow indexes.

The unit's most urgent cases are looked through for those of an officer's matters, as far as that is cheaper than what follows
where it does not do: the matters are walked one by one, twice, first a few of the most urgent of each, of which the page's last
place is a bound; then of each only what lies within it. So a page costs what it shows, however many cases there are. ADR-0048.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from chassis.database import ReadSession
from contracts.api import application as api
from services.application.domain.case import Scope
from services.application.queries import work_statements as statements
from services.application.queries.work_statements import Shape
from services.application.repository import sight

PAGE: Final = 100
COUNTED: Final = 1000
PLACE: Final = r"^(inf|[0-9]{1,17})_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""Of a row in a list: its due in microseconds since 1970, and its id."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = "inf"
_FIELDS: Final = tuple(api.WorkItem.model_fields)
# Looking a matter up twice costs as much as reading thirty rows of an index.
_LOOKED_THROUGH: Final = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the work is wanted. `matters` are basic codes; `after` is the `next` of the page before.

    Sorted by `due` are open cases, soonest first; by `submitted` all, newest first.
    """

    matters: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    card: api.Colour | None = None
    agency: str | None = None
    division: str | None = None
    sort: Literal["due", "submitted"] = "due"
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Items as `WorkItem` says them, ready for JSON; where the next page begins; how many there are, at most one more than `COUNTED`,
    if that was asked."""

    items: list[dict[str, Any]]
    next: str | None
    count: int | None


async def page(session: ReadSession, scope: Scope, filters: Filters, *, size: int = PAGE, is_counted: bool = False) -> Listed:
    """In one statement, so that page and count are of the same moment."""
    said = _bound(scope, filters, size + 1)
    rows = (await session.execute(statements.page(_shape(scope, filters, is_counted=is_counted)), said)).all()
    count = (rows[0].counted if rows else 0) if is_counted else None
    return Listed([item(row) for row in rows[:size]], _place(rows[size - 1]) if len(rows) > size else None, count)


def item(row: Sequence[Any]) -> dict[str, Any]:
    """What `WorkItem` says of a row that begins with `SHOWN`."""
    return dict(zip(_FIELDS, row, strict=False))


def _shape(scope: Scope, filters: Filters, *, is_counted: bool) -> Shape:
    said = frozenset(name for name in Filters.__dataclass_fields__ if getattr(filters, name) is not None and name not in {"sort", "after"})
    place: Literal["at", "never"] | None = None
    if filters.after:
        place = "never" if filters.after.startswith(_NEVER) else "at"
    return Shape(
        is_by_due=filters.sort == "due",
        is_of_division=scope.division is not None,
        is_limited=scope.matters is not None,
        filters=said,
        place=place,
        is_counted=is_counted,
    )


def _bound(scope: Scope, filters: Filters, size: int) -> dict[str, Any]:
    codes = sight.matters(scope, filters.matters)
    said: dict[str, Any] = {**sight.bound(scope), "size": size, "last": size - 1, "counted": COUNTED + 1}
    if codes is not None:
        said |= {"codes": codes, "few": size // max(len(codes), 1) + 4, "far": _LOOKED_THROUGH * len(codes)}
    if filters.matters is not None:
        said["matters"] = sorted(filters.matters)
    if filters.statuses is not None:
        said["statuses"] = sorted(filters.statuses)
    said |= {name: getattr(filters, name) for name in ("due_after", "due_before", "card", "agency", "division")}
    if filters.after:
        due, _, said["place_id"] = filters.after.partition("_")
        said["place_at"] = None if due == _NEVER else _EPOCH + timedelta(microseconds=int(due))
    return said


def _place(row: Any) -> str:
    due = _NEVER if row.due_at is None else (row.due_at - _EPOCH) // timedelta(microseconds=1)
    return f"{due}_{row.id}"
