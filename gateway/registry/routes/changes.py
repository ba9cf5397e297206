from typing import Any

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Line, Page
from contracts.values import Id
from gateway.registry.commands import changes as commands
from gateway.registry.queries import changes as queries

router = Router()


@router.post("/changes", status_code=201, response_model=api.Change, **guard(Permission.CHANGE_PROPOSE, audience=Audience.OPERATOR))
async def propose(body: api.ProposeChange, caller: Caller, clock: Clock, once: Once) -> Response:
    """Propose what would widen access. It comes into force when another officer approves it."""

    async def work(session: Any) -> api.Change:
        return queries.present(await commands.propose(session, body, by=caller.required_officer(), at=clock.now()))

    return await once.answer(work, status=201)


@router.post("/changes/{change_id}/approval", **guard(Permission.CHANGE_APPROVE, audience=Audience.OPERATOR))
async def approve(change_id: Id, caller: Caller, database: Database, clock: Clock) -> api.Change:
    """Approve a change: in force in every process of the gateway within two seconds."""
    async with database.transaction() as session:
        change = await commands.approve(session, change_id, by=caller.required_officer(), at=clock.now())
    return queries.present(change)


@router.post("/changes/{change_id}/refusal", **guard(Permission.CHANGE_APPROVE, audience=Audience.OPERATOR))
async def refuse(change_id: Id, body: api.ReviewChange, caller: Caller, database: Database, clock: Clock) -> api.Change:
    async with database.transaction() as session:
        change = await commands.refuse(session, change_id, body.note, by=caller.required_officer(), at=clock.now())
    return queries.present(change)


@router.post("/changes/{change_id}/withdrawal", **guard(Permission.CHANGE_PROPOSE, audience=Audience.OPERATOR))
async def withdraw(change_id: Id, caller: Caller, database: Database, clock: Clock) -> api.Change:
    """Take back what one proposed oneself."""
    async with database.transaction() as session:
        change = await commands.withdraw(session, change_id, by=caller.required_officer(), at=clock.now())
    return queries.present(change)


@router.get("/changes", **guard(Permission.CHANGE_READ, audience=Audience.OPERATOR))
async def changes(database: Database, state: Line | None = None, target: Line | None = None, after: Id | None = None) -> Page[api.Change]:
    async with database.reading() as session:
        return await queries.all_changes(session, state=state, target=target, after=after)


@router.get("/changes/{change_id}", **guard(Permission.CHANGE_READ, audience=Audience.OPERATOR))
async def change(change_id: Id, database: Database) -> api.Change:
    async with database.reading() as session:
        return await queries.change(session, change_id)
