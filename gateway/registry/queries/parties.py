from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import PartyId
from gateway.registry.domain.parties import NoSuchParty, Party
from gateway.registry.repository import party_of
from gateway.registry.tables import parties

_PAGE = 100


def present(party: Party) -> api.Party:
    return api.Party(
        id=party.id,
        name=party.name,
        kind=party.kind,
        status=party.status,
        agency=party.agency,
        division=party.division,
        redirect_uris=list(party.redirect_uris),
        officers=list(party.officers),
        key_ids=[str(jwk.get("kid", "")) for jwk in party.jwks],
        applied_by=party.applied_by,
        approved_by=party.approved_by,
        suspended_by=party.suspended_by,
        suspended_for=party.suspended_for,
        changed_at=party.changed_at,
    )


async def party(session: ReadSession, party_id: PartyId) -> api.Party:
    """Raises NoSuchParty."""
    row = (await session.execute(select(parties).where(parties.c.id == party_id))).one_or_none()
    if row is None:
        raise NoSuchParty
    return present(party_of(row))


async def all_parties(session: ReadSession, after: PartyId | None) -> Page[api.Party]:
    query = select(parties).order_by(parties.c.id).limit(_PAGE + 1)
    if after:
        query = query.where(parties.c.id > after)
    rows = (await session.execute(query)).all()
    return Page(items=[present(party_of(row)) for row in rows[:_PAGE]], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)
