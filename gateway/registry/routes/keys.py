from typing import Any

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.values import PartyId
from gateway.registry.commands import keys as commands
from gateway.registry.queries import parties as queries

router = Router()


@router.post("/parties/own/keys", status_code=201, response_model=api.Party, **guard(Permission.OWN_PARTY_ROTATE, audience=Audience.PARTY))
async def add_own_key(body: api.NewOwnKey, caller: Caller, clock: Clock, once: Once) -> Response:
    """Add the calling party's next key, endorsed by a current one of the same environment; both are good from now on."""

    async def work(session: Any) -> api.Party:
        return queries.present(await commands.add_own(session, caller.required_party(), body.statement, at=clock.now()))

    return await once.answer(work, status=201)


@router.post("/parties/own/keys/{kid}/revocation", **guard(Permission.OWN_PARTY_ROTATE, audience=Audience.PARTY))
async def revoke_own_key(kid: api.KeyId, caller: Caller, database: Database, clock: Clock) -> api.Party:
    """End one of the calling party's keys at once."""
    async with database.transaction() as session:
        party = await commands.revoke(session, caller.required_party(), kid, by=None, at=clock.now())
    return queries.present(party)


@router.post("/parties/{party_id}/keys/{kid}/revocation", **guard(Permission.PARTY_RESTRICT, audience=Audience.OPERATOR))
async def revoke_key(party_id: PartyId, kid: api.KeyId, caller: Caller, database: Database, clock: Clock) -> api.Party:
    """End a party's key at once."""
    async with database.transaction() as session:
        party = await commands.revoke(session, party_id, kid, by=caller.required_officer(), at=clock.now())
    return queries.present(party)
