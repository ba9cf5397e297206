"""Work lists: the cases of a unit that an officer sees, a page at a time, from narrow indexes.

An officer's matters are walked one by one, twice: first a few of the most urgent of each, of which the page's last place is
a bound; then of each only what lies within it. So a page costs what it shows, however many cases there are. ADR-0048.
"""

import hashlib
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row

from chassis.database import ReadSession
from contracts.api.application import Colour
from services.application.domain.case import Scope
from services.application.queries import work_statements as statements
from services.application.queries.work_statements import COLOURS, Shape
from services.application.repository import sight

PAGE: Final = 100
COUNTED: Final = 1000
PLACE: Final = r"^(inf|[0-9]{1,17})_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""Of a row in a list: its due in microseconds since 1970, and its id."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = "inf"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the work is wanted. `matters` are basic codes; `after` is the `next` of the page before.

    Sorted by `due` are open cases, soonest first; by `submitted` all, newest first.
    """

    matters: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    card: Colour | None = None
    agency: str | None = None
    division: str | None = None
    sort: Literal["due", "submitted"] = "due"
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, and whether that is all: it stops at `COUNTED`. `state` is that of the database, the same until a write."""

    number: int
    is_exact: bool
    state: str


async def page(session: ReadSession, scope: Scope, filters: Filters, *, size: int = PAGE) -> tuple[list[dict[str, Any]], str | None]:
    """Items as `WorkItem` says them, and where the next page begins."""
    said = _bound(scope, filters, size + 1)
    rows = (await session.execute(statements.page(_shape(scope, filters)), said)).all()
    return [item(row) for row in rows[:size]], _place(rows[size - 1]) if len(rows) > size else None


async def count(session: ReadSession, scope: Scope, filters: Filters) -> Counted:
    said = _bound(scope, replace(filters, after=None), COUNTED + 1)
    row = (await session.execute(statements.count(_shape(scope, replace(filters, after=None))), said)).one()
    return Counted(min(row.number, COUNTED), row.number <= COUNTED, row.state)


def tag(scope: Scope, filters: Filters, state: str) -> str:
    """The same for nobody who sees something else, and only until anything is written. Quoted, for an ETag."""
    seen = (scope.unit, None if scope.matters is None else sorted(scope.matters))
    wanted = [sorted(each) if isinstance(each, frozenset) else each for each in astuple(filters)]
    return f'"{hashlib.sha256(repr((seen, wanted, state)).encode()).hexdigest()[:32]}"'


def item(row: Row[Any]) -> dict[str, Any]:
    """What `WorkItem` says, ready for JSON."""
    return {
        "number": row.number,
        "matter_name": row.matter_name,
        "agency": row.agency,
        "agency_name": row.agency_name,
        "division": row.division,
        "status": row.status,
        "revision": row.revision,
        "submitted_at": row.submitted_at.isoformat(),
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "card": None if row.card is None else COLOURS[row.card],
    }


def _shape(scope: Scope, filters: Filters) -> Shape:
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
    )


def _bound(scope: Scope, filters: Filters, size: int) -> dict[str, Any]:
    codes = sight.matters(scope, filters.matters)
    said: dict[str, Any] = {**sight.bound(scope), "size": size, "last": size - 1}
    if codes is not None:
        said |= {"codes": codes, "few": size // max(len(codes), 1) + 4}
    if filters.matters is not None:
        said["matters"] = sorted(filters.matters)
    if filters.statuses is not None:
        said["statuses"] = sorted(filters.statuses)
    said |= {name: getattr(filters, name) for name in ("due_after", "due_before", "card", "agency", "division")}
    if filters.after:
        due, _, said["place_id"] = filters.after.partition("_")
        said["place_at"] = None if due == _NEVER else _EPOCH + timedelta(microseconds=int(due))
    return said


def _place(row: Row[Any]) -> str:
    due = _NEVER if row.due_at is None else (row.due_at - _EPOCH) // timedelta(microseconds=1)
    return f"{due}_{row.id}"
