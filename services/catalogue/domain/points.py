"""Service points as rules: what fits together, and which matters one can do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chassis.errors import Invalid, NotFound
from contracts.api.catalogue import Hours, ImportPoints, Matter, PointKind, ServicePoint, Span
from contracts.problems import catalogue as problems
from contracts.values import BasicCode, DivisionCode
from services.catalogue.domain.terms import is_city_wide_kind

Broken = tuple[str, str]
_CITY: Final = "0000"


class NoSuchPoint(NotFound):
    problem = problems.SERVICE_POINT_NOT_FOUND


class PointsRefused(Invalid):
    """`errors` names row, column and rule of everything that is wrong."""

    problem = problems.IMPORT_REFUSED


def errors_in(
    document: ImportPoints, *, known: Mapping[str, ServicePoint], divisions: Collection[str], own_division: str | None
) -> list[dict[str, str]]:
    """Every broken rule of a document, given the points that are there. `own_division`: of a district's system, which keeps its own
    points only."""
    after = {code: each for code, each in known.items() if code not in document.gone} | {each.code: each for each in document.points}
    found: list[dict[str, str]] = []
    seen: set[str] = set()
    for row, point in enumerate(document.points):
        broken = [*_broken_point(point, divisions), *_broken_hall(point, after), *_broken_hours(point.hours)]
        if point.code in seen:
            broken.append(("code", "a code is given once"))
        if point.code in document.gone:
            broken.append(("code", "a point is either given or gone"))
        if not _may_keep(own_division, point, known.get(point.code)):
            broken.append(("division", "a district's system keeps its own points"))
        seen.add(point.code)
        found += [_error("points", row, column, rule) for column, rule in broken]
    left = {each.hall for each in after.values()}
    for row, code in enumerate(document.gone):
        if code not in known:
            found.append(_error("gone", row, "code", "the point is known"))
        elif not _may_keep(own_division, known[code]):
            found.append(_error("gone", row, "code", "a district's system keeps its own points"))
        if code in left:
            found.append(_error("gone", row, "code", "no window is left in a hall that is gone"))
    return found


def _may_keep(own_division: str | None, *points: ServicePoint | None) -> bool:
    return own_division is None or own_division.endswith(_CITY) or all(each is None or each.division == own_division for each in points)


def _broken_point(point: ServicePoint, divisions: Collection[str]) -> Iterator[Broken]:
    if point.division not in divisions:
        yield "division", "the division is known"
    if point.area is not None and not point.area.startswith(point.division):
        yield "area", "the area lies in the division"
    if (point.kind == "window") != (point.hall is not None):
        yield "hall", "a window names its hall, and only a window does"
    if (point.kind == "window") != (point.windows is not None):
        yield "windows", "a window says how many there are, and only a window does"
    if (point.kind == "window") != (point.purpose is not None):
        yield "purpose", "a window says what it is for, and only a window does"
    if point.does.is_comprehensive and (point.does.themes or point.does.matters):
        yield "does", "who does every matter names none"


def _broken_hall(point: ServicePoint, after: Mapping[str, ServicePoint]) -> Iterator[Broken]:
    if point.hall is None:
        return
    hall = after.get(point.hall)
    if hall is None or hall.kind != "hall":
        yield "hall", "the hall is known"
    elif hall.division != point.division:
        yield "hall", "a window lies in the division of its hall"


def _broken_hours(hours: Hours) -> Iterator[Broken]:
    weekly: Sequence[Span] = hours.weekly
    if any(each.opens >= each.closes for each in (*weekly, *(span for day in hours.exceptions for span in day.spans))):
        yield "hours", "a span opens before it closes"
    if len({each.on for each in hours.exceptions}) != len(hours.exceptions):
        yield "hours", "a day is an exception once"


def _error(table: str, row: int, column: str, rule: str) -> dict[str, str]:
    return {"table": table, "row": str(row + 1), "column": column, "rule": rule}


@dataclass(frozen=True, slots=True)
class Needed:
    """What a point must be to do a matter: of one of these kinds, in one of these divisions (None: anywhere), and able to do
    everything, or a theme of these, or this very matter."""

    kinds: frozenset[PointKind]
    divisions: frozenset[DivisionCode] | None
    themes: frozenset[str]
    code: BasicCode


def needed_for(matter: Matter) -> Needed:
    """A kiosk offers what has the channel kiosk, everybody else what has the channel window, where it is implemented: in the
    division, by the city, or city-wide 全市通办."""
    kinds: set[PointKind] = {"kiosk"} if "kiosk" in matter.channels else set()
    if "window" in matter.channels:
        kinds |= {"hall", "window", "station"}
    divisions = {each.task_code.agency.division for each in matter.implementations}
    is_anywhere = is_city_wide_kind(matter) and matter.city_wide_exception is None
    is_anywhere |= any(each.endswith(_CITY) for each in divisions)
    return Needed(frozenset(kinds), None if is_anywhere else frozenset(divisions), frozenset(matter.themes), matter.basic_code)
