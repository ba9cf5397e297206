from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.api import gateway as api
from contracts.events.gateway import PartyChanged
from contracts.values import OfficerId, PartyId
from gateway.registry.domain.parties import Party, check_keys, check_redirects
from gateway.registry.repository import WritableParties


async def apply(session: WriteSession, wanted: api.ApplyParty, *, by: OfficerId, at: datetime) -> Party:
    check_keys(tuple(wanted.jwks))
    check_redirects(tuple(wanted.redirect_uris))
    party = Party(
        id=PartyId.new(),
        name=wanted.name,
        kind=wanted.kind,
        status="applied",
        changed_at=at,
        jwks=tuple(wanted.jwks),
        agency=wanted.agency,
        division=wanted.division,
        redirect_uris=tuple(wanted.redirect_uris),
        officers=tuple(wanted.officers),
        applied_by=by,
    )
    await WritableParties(session).add(party)
    return party


async def approve(session: WriteSession, party_id: PartyId, *, by: OfficerId, at: datetime) -> Party:
    approved = (await WritableParties(session).locked(party_id)).approve(by=by, at=at)
    await _changed(session, approved, at)
    return approved


async def suspend(session: WriteSession, party_id: PartyId, reason: str, *, by: OfficerId, at: datetime) -> Party:
    suspended = (await WritableParties(session).locked(party_id)).suspend(reason, by=by, at=at)
    await _changed(session, suspended, at)
    return suspended


async def _changed(session: WriteSession, party: Party, at: datetime) -> None:
    await WritableParties(session).save(party)
    await publish(session, changed(party), at=at)


def changed(party: Party) -> PartyChanged:
    return PartyChanged(
        party_id=party.id,
        name=party.name,
        kind=party.kind,
        status=party.status,
        agency=party.agency,
        jwks=party.jwks,
        redirect_uris=party.redirect_uris,
        changed_at=party.changed_at,
    )
