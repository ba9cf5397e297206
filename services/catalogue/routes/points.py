from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from chassis.errors import Invalid
from chassis.http import Audience, Caller, Clock, Database, Router, guard
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import BasicCode, DivisionCode, Grade
from services.catalogue.commands import points as commands
from services.catalogue.domain.distance import Position
from services.catalogue.queries import points as queries

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)
_POSITION = r"^-?[0-9]{1,3}(?:\.[0-9]{1,10})?,-?[0-9]{1,2}(?:\.[0-9]{1,10})?$"

Near = Annotated[str | None, Query(pattern=_POSITION, description="longitude,latitude in degrees, WGS84")]


@router.post("/service-points/imports", **guard(Permission.POINT_EDIT, audience=Audience.PARTY))
async def take(body: api.ImportPoints, caller: Caller, database: Database, clock: Clock) -> api.ImportedPoints:
    """Import service points, all or nothing; a district's system keeps its own. `dry_run` only says what would change."""
    own_division = caller.required_division() if caller.party_kind == "district" else None
    async with database.transaction() as session:
        return await commands.take(
            session, body, party=caller.required_party(), officer=caller.officer, own_division=own_division, at=clock.now()
        )


@router.get("/service-points", **_READ)
async def points(
    database: Database,
    clock: Clock,
    near: Near = None,
    radius_m: Annotated[int | None, Query(ge=1, le=200_000)] = None,
    kind: api.PointKind | None = None,
    matter: BasicCode | None = None,
    division: DivisionCode | None = None,
    open_at: AwareDatetime | None = None,
    after: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Page[api.PointAnswer]:
    """Where to go: the nearest first, those that can do a matter, those that are open at a moment."""
    position = _position(near)
    if radius_m is not None and position is None:
        raise Invalid("radius_m needs near")
    wanted = queries.Wanted(near=position, radius_m=radius_m, kind=kind, division=division, matter=matter, open_at=open_at)
    async with database.reading() as session:
        return await queries.points(session, wanted, offset=after, now=clock.now())


@router.get("/service-points/{code}", **_READ)
async def point(code: api.PointCode, database: Database, clock: Clock, near: Near = None) -> api.PointAnswer:
    """One point, whether it is open now, and when it opens or closes next."""
    async with database.reading() as session:
        return await queries.point(session, code, near=_position(near), now=clock.now())


@router.get("/service-points/{code}/changes", **guard(Permission.POINT_EDIT, audience=Audience.PARTY))
async def changes(code: api.PointCode, database: Database) -> list[api.PointChange]:
    """Who changed a point, when, and from what to what; the newest first."""
    async with database.reading() as session:
        return await queries.changes(session, code)


def _position(near: str | None) -> Position | None:
    if near is None:
        return None
    longitude, latitude = (float(each) for each in near.split(","))
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise Invalid("near is longitude,latitude in degrees")
    return Position(longitude, latitude)
