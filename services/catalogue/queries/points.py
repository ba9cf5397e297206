import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, literal, or_, select
from sqlalchemy.dialects.postgresql import array

from chassis.database import ReadSession
from chassis.working_days import known
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import BasicCode, DivisionCode, OfficerId, PartyId
from services.catalogue.domain.distance import Position, box_around, haversine_of, metres
from services.catalogue.domain.matters import NOTICE, NoSuchMatter
from services.catalogue.domain.opening import is_open, opening
from services.catalogue.domain.points import Needed, NoSuchPoint, needed_for
from services.catalogue.repository.stored import readable
from services.catalogue.repository.versions import IN_USE, in_force
from services.catalogue.tables import service_point_changes, service_points, versions

_PAGE = 20
_HOURS = service_points.c.content["hours"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which points are asked for. `radius_m` needs `near`."""

    near: Position | None = None
    radius_m: int | None = None
    kind: api.PointKind | None = None
    division: DivisionCode | None = None
    matter: BasicCode | None = None
    open_at: datetime | None = None


async def points(session: ReadSession, wanted: Wanted, *, offset: int, now: datetime) -> Page[api.PointAnswer]:
    """Points by distance, the nearest first, or by code where no position is given.

    Raises NoSuchMatter for one that is not in force.
    """
    query = _query(wanted)
    if wanted.matter:
        query = query.where(*_able(needed_for(await _matter(session, wanted.matter))))
    if wanted.open_at:
        query = query.where(_HOURS.in_(await _open_hours(session, wanted.open_at)))
    rows = (await session.execute(query.limit(_PAGE + 1).offset(offset))).all()
    found = readable(api.ServicePoint, ((row.code, row.content) for row in rows[:_PAGE]), table="service_points")
    items = [_answer(each, wanted.open_at or now, wanted.near) for _, each in found]
    return Page(items=items, next=str(offset + _PAGE) if len(rows) > _PAGE else None)


async def point(session: ReadSession, code: str, *, near: Position | None, now: datetime) -> api.PointAnswer:
    """Raises NoSuchPoint."""
    content = (await session.execute(select(service_points.c.content).where(service_points.c.code == code))).scalar_one_or_none()
    if content is None:
        raise NoSuchPoint
    return _answer(_point(content), now, near)


async def changes(session: ReadSession, code: str) -> list[api.PointChange]:
    """Who changed a point, the newest first, at most a hundred. Raises NoSuchPoint for one that never was."""
    table = service_point_changes
    rows = (await session.execute(select(table).where(table.c.code == code).order_by(table.c.id.desc()).limit(100))).all()
    if not rows:
        raise NoSuchPoint
    return [
        api.PointChange(
            at=row.changed_at,
            party=PartyId(row.party),
            officer=OfficerId(row.officer) if row.officer else None,
            before=_point(row.before) if row.before else None,
            after=_point(row.after) if row.after else None,
        )
        for row in rows
    ]


def _query(wanted: Wanted) -> Select[Any]:
    query = select(service_points.c.code, service_points.c.content)
    if wanted.kind:
        query = query.where(service_points.c.kind == wanted.kind)
    if wanted.division:
        query = query.where(service_points.c.division == wanted.division)
    if wanted.near is None:
        return query.order_by(service_points.c.code)
    far = _haversine_from(wanted.near)
    if wanted.radius_m is not None:
        query = query.where(*_within(wanted.near, wanted.radius_m), far <= haversine_of(wanted.radius_m))
    return query.order_by(far, service_points.c.code)


def _within(near: Position, radius_m: int) -> Iterator[ColumnElement[bool]]:
    """The box that the index finds quickly; the circle in it is cut out after."""
    box = box_around(near, radius_m)
    yield service_points.c.latitude.between(box.south, box.north)
    yield service_points.c.longitude.between(box.west, box.east)


def _haversine_from(near: Position) -> ColumnElement[float]:
    """The same as `domain.distance.haversine`, in the database."""
    here, there = func.radians(literal(near.latitude)), func.radians(service_points.c.latitude)
    up = func.power(func.sin((there - here) / 2), 2)
    across = func.power(func.sin(func.radians(service_points.c.longitude - near.longitude) / 2), 2)
    return up + func.cos(here) * func.cos(there) * across


async def _matter(session: ReadSession, code: BasicCode) -> api.Matter:
    query = in_force(versions.c.content).where(versions.c.basic_code == code, IN_USE)
    content = (await session.execute(query)).scalar_one_or_none()
    if content is None:
        raise NoSuchMatter
    return api.Matter.model_validate_json(json.dumps(content))


def _able(needed: Needed) -> Iterator[ColumnElement[bool]]:
    does = service_points.c.content["does"]
    yield service_points.c.kind.in_(needed.kinds)
    yield or_(
        does.contains({"is_comprehensive": True}),
        does.contains({"matters": [needed.code]}),
        does["themes"].has_any(array(sorted(needed.themes), type_=Text)),
    )
    if needed.divisions is not None:
        yield service_points.c.division.in_(needed.divisions)


async def _open_hours(session: ReadSession, at: datetime) -> list[Any]:
    """Those of all hours by which a point is open at a moment: many points keep the same, and the rules are not the database's."""
    kept = (await session.execute(select(_HOURS).distinct())).scalars().all()
    return [each for each in kept if is_open(api.Hours.model_validate_json(json.dumps(each)), at, known())]


def _point(content: dict[str, Any]) -> api.ServicePoint:
    return api.ServicePoint.model_validate_json(json.dumps(content))


def _answer(point: api.ServicePoint, at: datetime, near: Position | None) -> api.PointAnswer:
    how = opening(point.hours, at, known())
    illustrative = point.provenance == "illustrative"
    return api.PointAnswer(
        point=point,
        at=at,
        is_open=how.is_open,
        closes_at=how.closes_at,
        opens_at=how.opens_at,
        is_provisional=how.is_provisional,
        distance_m=None if near is None else round(metres(near, Position(point.longitude, point.latitude))),
        illustrative=illustrative,
        notice=NOTICE if illustrative else None,
    )
