import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select

from chassis.database import ReadSession
from chassis.working_days import known
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import BasicCode, DivisionCode, OfficerId, PartyId
from services.catalogue.domain.distance import Position, box_around, haversine_of, metres
from services.catalogue.domain.matters import NOTICE, NoSuchMatter
from services.catalogue.domain.opening import is_open, opening
from services.catalogue.domain.points import NoSuchPoint, can_do
from services.catalogue.tables import matters, service_point_changes, service_points, versions

_PAGE = 20
_ROWS_AT_ONCE = 100


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
    """Points by distance, the nearest first, or by code where no position is given. `next` counts points looked at, not those found.

    Raises NoSuchMatter for one that is not published.
    """
    matter = await _matter(session, wanted.matter) if wanted.matter else None
    at = wanted.open_at or now
    found: list[api.PointAnswer] = []
    while True:
        rows = (await session.execute(_query(wanted).limit(_ROWS_AT_ONCE).offset(offset))).scalars().all()
        for content in rows:
            point = _point(content)
            if _is_wanted(point, wanted, matter):
                if len(found) == _PAGE:
                    return Page(items=found, next=str(offset))
                found.append(_answer(point, at, wanted.near))
            offset += 1
        if len(rows) < _ROWS_AT_ONCE:
            return Page(items=found)


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
    query = select(service_points.c.content)
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
    newest = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.version)
    query = select(versions.c.content).join(matters, newest).where(versions.c.basic_code == code, matters.c.state == "in_use")
    content = (await session.execute(query)).scalar_one_or_none()
    if content is None:
        raise NoSuchMatter
    return api.Matter.model_validate_json(json.dumps(content))


def _is_wanted(point: api.ServicePoint, wanted: Wanted, matter: api.Matter | None) -> bool:
    if matter is not None and not can_do(point, matter):
        return False
    return wanted.open_at is None or is_open(point.hours, wanted.open_at, known())


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
