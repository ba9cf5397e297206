from typing import Any

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import PartyId
from gateway.registry.commands import parties as commands
from gateway.registry.queries import parties as queries
from gateway.registry.routes.conformance import Rules

router = Router()


@router.post("/parties", status_code=201, response_model=api.Party, **guard(Permission.PARTY_REGISTER, audience=Audience.OPERATOR))
async def apply(body: api.ApplyParty, caller: Caller, clock: Clock, once: Once) -> Response:
    """Apply for a party. It may call the sandbox once another officer has approved it."""

    async def work(session: Any) -> api.Party:
        return queries.present(await commands.apply(session, body, by=caller.required_officer(), at=clock.now()))

    return await once.answer(work, status=201)


@router.post("/parties/{party_id}/approval", **guard(Permission.PARTY_APPROVE, audience=Audience.OPERATOR))
async def approve(party_id: PartyId, caller: Caller, database: Database, clock: Clock) -> api.Party:
    """Approve an application with the terms it states: the party's credentials of the sandbox work from now on."""
    async with database.transaction() as session:
        party = await commands.approve(session, party_id, by=caller.required_officer(), at=clock.now())
    return queries.present(party)


@router.post("/parties/{party_id}/production", **guard(Permission.PARTY_APPROVE, audience=Audience.OPERATOR))
async def open_production(party_id: PartyId, caller: Caller, database: Database, clock: Clock, rules: Rules) -> api.Party:
    """Open production to a party whose system has passed its conformance run."""
    async with database.transaction() as session:
        party = await commands.open_production(session, party_id, rules, by=caller.required_officer(), at=clock.now())
    return queries.present(party)


@router.post("/parties/{party_id}/suspension", **guard(Permission.PARTY_SUSPEND, audience=Audience.OPERATOR))
async def suspend(party_id: PartyId, body: api.Suspend, caller: Caller, database: Database, clock: Clock) -> api.Party:
    """Suspend a party; it is refused everywhere within seconds. The reason and the officer stay with the party."""
    async with database.transaction() as session:
        party = await commands.suspend(session, party_id, body.reason, by=caller.required_officer(), at=clock.now())
    return queries.present(party)


@router.post("/parties/{party_id}/withdrawal", **guard(Permission.PARTY_RESTRICT, audience=Audience.OPERATOR))
async def withdraw(party_id: PartyId, body: api.Withdraw, caller: Caller, database: Database, clock: Clock) -> api.Party:
    """End a party for good, or refuse its application."""
    async with database.transaction() as session:
        party = await commands.withdraw(session, party_id, body.reason, by=caller.required_officer(), at=clock.now())
    return queries.present(party)


@router.post("/parties/{party_id}/restrictions", **guard(Permission.PARTY_RESTRICT, audience=Audience.OPERATOR))
async def restrict(party_id: PartyId, body: api.Restrict, database: Database, clock: Clock) -> api.Party:
    """Narrow a party's limits, networks or term at once. What widens them is proposed as a change."""
    async with database.transaction() as session:
        party = await commands.restrict(session, party_id, body, at=clock.now())
    return queries.present(party)


@router.get("/parties", **guard(Permission.PARTY_READ, audience=Audience.OPERATOR))
async def parties(database: Database, after: PartyId | None = None) -> Page[api.Party]:
    async with database.reading() as session:
        return await queries.all_parties(session, after)


@router.get("/parties/own", **guard(Permission.OWN_PARTY_READ, audience=Audience.PARTY))
async def own_party(caller: Caller, database: Database) -> api.Party:
    """How the calling party is registered: its state, terms and keys."""
    async with database.reading() as session:
        return await queries.party(session, caller.required_party())


@router.get("/parties/{party_id}", **guard(Permission.PARTY_READ, audience=Audience.OPERATOR))
async def party(party_id: PartyId, database: Database) -> api.Party:
    async with database.reading() as session:
        return await queries.party(session, party_id)
