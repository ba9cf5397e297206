from typing import Annotated

from fastapi import Path, Query

from chassis.http import Audience, Caller, Clock, Database, Router, guard
from chassis.http.caller import KnownCaller
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import BasicCode, DivisionCode, Grade
from services.catalogue.commands import standing
from services.catalogue.domain.lifecycle import State
from services.catalogue.queries import drift as drifts
from services.catalogue.queries import versions as queries
from services.catalogue.routes.drafts import writer_of

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)
_DECIDE = guard(Permission.MATTER_REVIEW, audience=Audience.PARTY, grade=Grade.INTERNAL)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/matters/{basic_code}/versions", **_READ)
async def versions(basic_code: BasicCode, database: Database, clock: Clock) -> api.Versions:
    """All versions of a matter, which never change, and whether it is in use."""
    async with database.reading() as session:
        return await queries.versions_of(session, basic_code, clock.now())


@router.get("/matters/{basic_code}/versions/{number}", **_READ)
async def version(basic_code: BasicCode, number: Number, database: Database, clock: Clock) -> api.VersionContent:
    async with database.reading() as session:
        return await queries.version(session, basic_code, number, clock.now())


@router.get("/matters/{basic_code}/versions/{before}/diff/{after}", **_READ)
async def difference(basic_code: BasicCode, before: Number, after: Number, database: Database) -> api.Difference:
    """What differs between two versions, in words for people."""
    async with database.reading() as session:
        return await queries.difference(session, basic_code, before, after)


@router.get("/matters/{basic_code}/drift", **_READ)
async def drift_in(basic_code: BasicCode, database: Database) -> list[api.Drift]:
    """Who differs from the level above, in what, and why."""
    async with database.reading() as session:
        return await drifts.drift_in(session, basic_code)


@router.get("/drift", **_READ)
async def drift(
    database: Database,
    division: DivisionCode | None = None,
    is_reasoned: Annotated[bool | None, Query(description="only those with a reason, or only those without")] = None,
    after: BasicCode | None = None,
) -> Page[api.Drift]:
    """The same over all matters; a page is of some matters, so that it may be empty and not the last."""
    async with database.reading() as session:
        return await drifts.drift(session, division=division, after=after, is_reasoned=is_reasoned)


@router.post("/matters/{basic_code}/suspension", **_DECIDE)
async def suspend(basic_code: BasicCode, body: api.DecideStanding, caller: Caller, database: Database, clock: Clock) -> api.Standing:
    """暂停: from then on nobody applies for it; running cases go on."""
    return await _decide("suspended", basic_code, body, caller, database, clock)


@router.post("/matters/{basic_code}/resumption", **_DECIDE)
async def resume(basic_code: BasicCode, body: api.DecideStanding, caller: Caller, database: Database, clock: Clock) -> api.Standing:
    return await _decide("in_use", basic_code, body, caller, database, clock)


@router.post("/matters/{basic_code}/retirement", **_DECIDE)
async def retire(basic_code: BasicCode, body: api.DecideStanding, caller: Caller, database: Database, clock: Clock) -> api.Standing:
    """取消: for good. Running cases go on."""
    return await _decide("retired", basic_code, body, caller, database, clock)


async def _decide(
    state: State, basic_code: BasicCode, body: api.DecideStanding, caller: KnownCaller, database: Database, clock: Clock
) -> api.Standing:
    writer = writer_of(caller)
    async with database.transaction() as session:
        return await standing.change(session, basic_code, state, body, writer, at=clock.now())
