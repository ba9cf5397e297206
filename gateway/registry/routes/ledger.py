from datetime import date
from typing import Annotated

from fastapi import Query

from chassis.http import Audience, Caller, Database, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import PartyId
from gateway.registry.queries import ledger as queries

router = Router()

_From = Annotated[date, Query(alias="from", description="first day, of the city")]
_To = Annotated[date, Query(alias="to", description="last day, of the city")]
_After = Annotated[int, Query(ge=0, le=2**31)]


@router.get("/ledger/checkpoints", **guard(Permission.LEDGER_READ, audience=Audience.OPERATOR))
async def checkpoints(database: Database, after: Annotated[int, Query(ge=-1, le=2**62)] = -1) -> Page[api.Checkpoint]:
    """Where the chains of decision records stood, minute by minute, signed: for a witness outside. Oldest first."""
    async with database.reading() as session:
        return await queries.checkpoints(session, after)


@router.get("/usage", **guard(Permission.USAGE_READ, audience=Audience.OPERATOR))
async def usage(database: Database, party: PartyId, first: _From, last: _To, after: _After = 0) -> Page[api.Usage]:
    """How often a party asked for which resource, day by day."""
    async with database.reading() as session:
        return await queries.usage(session, party, first, last, after)


@router.get("/usage/own", **guard(Permission.OWN_USAGE_READ, audience=Audience.PARTY))
async def own_usage(caller: Caller, database: Database, first: _From, last: _To, after: _After = 0) -> Page[api.Usage]:
    """How often the calling party asked for which resource, day by day."""
    async with database.reading() as session:
        return await queries.usage(session, caller.required_party(), first, last, after)
