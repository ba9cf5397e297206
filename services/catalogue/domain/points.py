"""Service points as rules: what fits together, and which matters one can do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chassis.errors import Invalid, NotFound
from contracts.api.catalogue import Hours, ImportPoints, Matter, PointKind, ServicePoint, Span
from contracts.problems import catalogue as problems
from contracts.rules import Told, rule
from contracts.values import BasicCode, DivisionCode
from services.catalogue.domain.matters import said_of
from services.catalogue.domain.terms import is_city_wide_kind

Broken = tuple[str, Told]
_TWICE: Final = rule("point-twice", "a code is given once", "编码不得重复")
_GIVEN_OR_GONE: Final = rule("point-given-or-gone", "a point is either given or gone", "同一服务点不得既保留又撤销")
_OWN: Final = rule("point-own", "a district's system keeps its own points", "区级系统只能维护本区服务点")
_UNKNOWN: Final = rule("point-unknown", "the point is known", "服务点不存在")
_HALL_GONE: Final = rule("hall-gone", "no window is left in a hall that is gone", "大厅撤销后不得留有窗口")
_DIVISION: Final = rule("point-division", "the division is known", "区划未登记")
_AREA: Final = rule("point-area", "the area lies in the division", "街道或村居不在该区划内")
_HALL: Final = rule("window-hall", "a window names its hall, and only a window does", "窗口须写明所在大厅，其他服务点不得写")
_WINDOWS: Final = rule("window-count", "a window says how many there are, and only a window does", "窗口须写明窗口数，其他服务点不得写")
_PURPOSE: Final = rule("window-purpose", "a window says what it is for, and only a window does", "窗口须写明用途，其他服务点不得写")
_EVERYTHING: Final = rule("point-does", "who does every matter names none", "综合办理的不得再列事项或主题")
_NO_HALL: Final = rule("hall-unknown", "the hall is known", "所在大厅不存在")
_OTHER_DIVISION: Final = rule("hall-division", "a window lies in the division of its hall", "窗口与所在大厅应在同一区划")
_SPAN: Final = rule("hours-span", "a span opens before it closes", "开始时间应早于结束时间")
_EXCEPTION: Final = rule("hours-exception", "a day is an exception once", "同一天只能有一条例外安排")
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
            broken.append(("code", _TWICE.broken()))
        if point.code in document.gone:
            broken.append(("code", _GIVEN_OR_GONE.broken()))
        if not _may_keep(own_division, point, known.get(point.code)):
            broken.append(("division", _OWN.broken()))
        seen.add(point.code)
        found += [_error("points", row, column, told) for column, told in broken]
    left = {each.hall for each in after.values()}
    for row, code in enumerate(document.gone):
        if code not in known:
            found.append(_error("gone", row, "code", _UNKNOWN.broken()))
        elif not _may_keep(own_division, known[code]):
            found.append(_error("gone", row, "code", _OWN.broken()))
        if code in left:
            found.append(_error("gone", row, "code", _HALL_GONE.broken()))
    return found


def _may_keep(own_division: str | None, *points: ServicePoint | None) -> bool:
    return own_division is None or own_division.endswith(_CITY) or all(each is None or each.division == own_division for each in points)


def _broken_point(point: ServicePoint, divisions: Collection[str]) -> Iterator[Broken]:
    if point.division not in divisions:
        yield "division", _DIVISION.broken()
    if point.area is not None and not point.area.startswith(point.division):
        yield "area", _AREA.broken()
    if (point.kind == "window") != (point.hall is not None):
        yield "hall", _HALL.broken()
    if (point.kind == "window") != (point.windows is not None):
        yield "windows", _WINDOWS.broken()
    if (point.kind == "window") != (point.purpose is not None):
        yield "purpose", _PURPOSE.broken()
    if point.does.is_comprehensive and (point.does.themes or point.does.matters):
        yield "does", _EVERYTHING.broken()


def _broken_hall(point: ServicePoint, after: Mapping[str, ServicePoint]) -> Iterator[Broken]:
    if point.hall is None:
        return
    hall = after.get(point.hall)
    if hall is None or hall.kind != "hall":
        yield "hall", _NO_HALL.broken()
    elif hall.division != point.division:
        yield "hall", _OTHER_DIVISION.broken()


def _broken_hours(hours: Hours) -> Iterator[Broken]:
    weekly: Sequence[Span] = hours.weekly
    if any(each.opens >= each.closes for each in (*weekly, *(span for day in hours.exceptions for span in day.spans))):
        yield "hours", _SPAN.broken()
    if len({each.on for each in hours.exceptions}) != len(hours.exceptions):
        yield "hours", _EXCEPTION.broken()


def _error(table: str, row: int, column: str, told: Told) -> dict[str, str]:
    return {"table": table, "row": str(row + 1), **said_of(column, told)}


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
