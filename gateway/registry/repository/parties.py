from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry.domain.parties import NoSuchParty, Party
from gateway.registry.tables import parties


class Parties:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def locked(self, party_id: PartyId) -> Party:
        """Raises NoSuchParty."""
        found = await self._session.execute(select(parties).where(parties.c.id == party_id).with_for_update())
        row = found.one_or_none()
        if row is None:
            raise NoSuchParty
        return party_of(row)


class WritableParties(Parties):
    def __init__(self, session: WriteSession) -> None:
        super().__init__(session)

    async def add(self, party: Party) -> None:
        await self._session.execute(insert(parties).values(_row(party)))

    async def save(self, party: Party) -> None:
        await self._session.execute(update(parties).where(parties.c.id == party.id).values(_row(party)))

    async def put(self, party: Party) -> None:
        """Add it, or bring the known one to this state."""
        row = _row(party)
        await self._session.execute(upsert(parties).values(row).on_conflict_do_update(index_elements=["id"], set_=row))


def party_of(row: Row[Any]) -> Party:
    return Party(
        id=PartyId(row.id),
        name=row.name,
        kind=row.kind,
        status=row.status,
        changed_at=row.changed_at,
        jwks=tuple(row.jwks),
        agency=CreditCode(row.agency) if row.agency else None,
        division=DivisionCode(row.division) if row.division else None,
        redirect_uris=tuple(row.redirect_uris),
        officers=tuple(OfficerId(each) for each in row.officers),
        applied_by=OfficerId(row.applied_by) if row.applied_by else None,
        approved_by=OfficerId(row.approved_by) if row.approved_by else None,
        suspended_by=OfficerId(row.suspended_by) if row.suspended_by else None,
        suspended_for=row.suspended_for,
        per_second=row.per_second,
        burst=row.burst,
    )


def _row(party: Party) -> dict[str, Any]:
    return {
        "id": party.id,
        "name": party.name,
        "kind": party.kind,
        "status": party.status,
        "agency": party.agency,
        "division": party.division,
        "jwks": list(party.jwks),
        "redirect_uris": list(party.redirect_uris),
        "officers": list(party.officers),
        "applied_by": party.applied_by,
        "approved_by": party.approved_by,
        "suspended_by": party.suspended_by,
        "suspended_for": party.suspended_for,
        "per_second": party.per_second,
        "burst": party.burst,
        "changed_at": party.changed_at,
    }
