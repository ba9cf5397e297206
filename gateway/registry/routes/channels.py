from typing import Annotated, Any

from fastapi import Path, Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.values import Grade
from gateway.registry.commands import channels as commands
from gateway.registry.queries import channels as queries

router = Router()

_EVERYBODY = guard(Permission.PORTAL_READ, audience=Audience.OPEN, grade=Grade.PUBLIC)
_MANAGES = guard(Permission.CHANNEL_MANAGE, audience=Audience.OPERATOR)
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


@router.get("/channels", **_EVERYBODY)
async def channels(database: Database) -> list[api.Channel]:
    """Through which channels the city can be reached, which are open, and what each lets through."""
    async with database.reading() as session:
        return await queries.all_channels(session)


@router.get("/channels/{code}", **_EVERYBODY)
async def channel(code: Code, database: Database) -> api.Channel:
    async with database.reading() as session:
        return await queries.channel(session, code)


@router.post("/channels", status_code=201, response_model=api.Channel, **_MANAGES)
async def register(body: api.RegisterChannel, caller: Caller, clock: Clock, once: Once) -> Response:
    """Register a channel. It is closed: opening it is a change that another officer approves."""

    async def work(session: Any) -> api.Channel:
        return queries.present(await commands.register(session, body, by=caller.required_officer(), at=clock.now()))

    return await once.answer(work, status=201)


@router.put("/channels/{code}/policy", **_MANAGES)
async def narrow(code: Code, body: api.ChannelPolicy, caller: Caller, database: Database, clock: Clock) -> api.Channel:
    """Narrow what a channel lets through, at once. A policy that widens it is proposed as a change."""
    async with database.transaction() as session:
        changed = await commands.narrow(session, code, body, by=caller.required_officer(), at=clock.now())
    return queries.present(changed)


@router.post("/channels/{code}/closure", **guard(Permission.CHANNEL_CLOSE, audience=Audience.OPERATOR))
async def close(code: Code, body: api.CloseChannel, caller: Caller, database: Database, clock: Clock) -> api.Channel:
    """Close a channel for everybody within seconds. Those who come are told why, in both languages."""
    async with database.transaction() as session:
        closed = await commands.close(session, code, body, by=caller.required_officer(), at=clock.now())
    return queries.present(closed)
