from typing import Any

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api.gateway import sharing as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Grade, Id
from gateway.registry.commands import lists as commands
from gateway.registry.queries import lists as queries

router = Router()

_READ = guard(Permission.SHARING_LIST_READ, audience=Audience.OPERATOR)
_KEEP = guard(Permission.SHARING_LIST_KEEP, audience=Audience.OPERATOR)


@router.get("/data-catalogue", **guard(Permission.DATA_CATALOGUE_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def catalogue(database: Database, clock: Clock) -> list[api.CatalogueEntry]:
    """公共数据资源目录: what is shared by whom, how fresh, for which matters, in which scenes."""
    async with database.reading() as session:
        return await queries.catalogue(session, at=clock.now())


@router.post("/demands", status_code=201, response_model=api.Demand, **guard(Permission.SHARING_LIST_FILE, audience=Audience.OPERATOR))
async def demand(body: api.FileDemand, caller: Caller, clock: Clock, once: Once) -> Response:
    """需求清单: say which item is needed for which matter, and on which basis."""
    officer, party = caller.required_officer(), caller.required_party()

    async def work(session: Any) -> api.Demand:
        demand_id = await commands.file_demand(
            session, body, demander=party, demander_name=caller.party_name, agency=caller.agency, by=officer, at=clock.now()
        )
        return await queries.demand(session, demand_id)

    return await once.answer(work, status=201)


@router.post("/demands/{demand_id}/withdrawal", **guard(Permission.SHARING_LIST_FILE, audience=Audience.OPERATOR))
async def withdraw(demand_id: Id, caller: Caller, database: Database, clock: Clock) -> api.Demand:
    async with database.transaction() as session:
        await commands.withdraw_demand(session, demand_id, demander=caller.required_party(), at=clock.now())
        return await queries.demand(session, demand_id)


@router.get("/demands", **_READ)
async def demands(database: Database, only_open: bool = False, after: Id | None = None) -> Page[api.Demand]:
    """需求清单. Open ones are those that no agency has the duty to meet."""
    async with database.reading() as session:
        return await queries.all_demands(session, only_open=only_open, after=after)


@router.post("/duties", **_KEEP)
async def assign(body: api.AssignDuty, caller: Caller, database: Database, clock: Clock) -> list[api.Duty]:
    """责任清单: an agency must supply an item."""
    async with database.transaction() as session:
        await commands.assign_duty(session, body, by=caller.required_officer(), at=clock.now())
        return await queries.all_duties(session)


@router.get("/duties", **_READ)
async def duties(database: Database) -> list[api.Duty]:
    async with database.reading() as session:
        return await queries.all_duties(session)


@router.post("/negative-list", **_KEEP)
async def enter(body: api.EnterNegative, caller: Caller, database: Database, clock: Clock) -> list[api.Negative]:
    """负面清单: the item is shared with nobody from now on. To take it off the list needs two officers."""
    async with database.transaction() as session:
        await commands.enter_negative(session, body, by=caller.required_officer(), at=clock.now())
        return await queries.all_negative(session, at=clock.now())


@router.get("/negative-list", **_READ)
async def negative(database: Database, clock: Clock) -> list[api.Negative]:
    async with database.reading() as session:
        return await queries.all_negative(session, at=clock.now())
