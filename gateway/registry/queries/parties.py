from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import PartyId
from gateway.registry.domain.keys import Key
from gateway.registry.domain.parties import NoSuchParty, Party
from gateway.registry.repository import Parties, with_keys
from gateway.registry.tables import parties

_PAGE = 100


def present(party: Party) -> api.Party:
    terms = party.terms
    return api.Party(
        id=party.id,
        name=party.name,
        kind=party.kind,
        status=party.status,
        environment=party.environment,
        agency=party.agency,
        division=party.division,
        redirect_uris=list(party.redirect_uris),
        officers=list(party.officers),
        duties={officer: list(duties) for officer, duties in party.duties.items()},
        key_ids=[key.kid for key in party.keys if key.revoked_at is None],
        keys=[present_key(key) for key in party.keys],
        application=dict(party.application),
        applied_by=party.applied_by,
        approved_by=party.approved_by,
        production_by=party.production_by,
        production_at=party.production_at,
        suspended_by=party.suspended_by,
        suspended_for=party.suspended_for,
        withdrawn_by=party.withdrawn_by,
        withdrawn_for=party.withdrawn_for,
        per_second=terms.per_second,
        burst=terms.burst,
        per_day=terms.per_day,
        purposes=dict(terms.purposes),
        networks=[str(each) for each in terms.networks],
        expires_at=terms.expires_at,
        changed_at=party.changed_at,
    )


def present_key(key: Key) -> api.PartyKey:
    return api.PartyKey(
        kid=key.kid,
        environment=key.environment,
        use=key.use,
        thumbprint=key.thumbprint,
        not_before=key.not_before or key.added_at,
        not_after=key.not_after,
        added_by=key.added_by,
        added_at=key.added_at,
        revoked_by=key.revoked_by,
        revoked_at=key.revoked_at,
    )


async def party(session: ReadSession, party_id: PartyId) -> api.Party:
    """Raises NoSuchParty."""
    found = await Parties(session).find(party_id)
    if found is None:
        raise NoSuchParty
    return present(found)


async def all_parties(session: ReadSession, after: PartyId | None) -> Page[api.Party]:
    query = select(parties).order_by(parties.c.id).limit(_PAGE + 1)
    if after:
        query = query.where(parties.c.id > after)
    rows = (await session.execute(query)).all()
    shown = await with_keys(session, rows[:_PAGE])
    return Page(items=[present(each) for each in shown], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)
