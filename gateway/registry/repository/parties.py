from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import CreditCode, DivisionCode, OfficerId, PartyId
from gateway.registry.domain.keys import Key
from gateway.registry.domain.parties import ACTIVE, TESTING, NoSuchParty, Party
from gateway.registry.domain.parties_terms import Terms, networks_of
from gateway.registry.repository.keys import keys_of, put_keys
from gateway.registry.tables import parties, party_keys

_LAPSED_AT_ONCE = 100


class Parties:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def find(self, party_id: PartyId) -> Party | None:
        rows = (await self._session.execute(select(parties).where(parties.c.id == party_id))).all()
        return (await with_keys(self._session, rows))[0] if rows else None

    async def locked(self, party_id: PartyId) -> Party:
        """Raises NoSuchParty."""
        found = await self._session.execute(select(parties).where(parties.c.id == party_id).with_for_update())
        rows = found.all()
        if not rows:
            raise NoSuchParty
        return (await with_keys(self._session, rows))[0]

    async def ran_out(self, at: datetime) -> list[PartyId]:
        """Parties in use whose day has come, or of whose keys one has ended."""
        ended = exists().where(party_keys.c.party == parties.c.id, party_keys.c.not_after <= at, party_keys.c.revoked_at.is_(None))
        over = parties.c.status.in_((TESTING, ACTIVE)) & (parties.c.expires_at <= at)
        found = await self._session.execute(select(parties.c.id).where(or_(over, ended)).order_by(parties.c.id).limit(_LAPSED_AT_ONCE))
        return [PartyId(each) for each in found.scalars()]


class WritableParties(Parties):
    def __init__(self, session: WriteSession) -> None:
        super().__init__(session)
        self._writing = session

    async def add(self, party: Party) -> None:
        await self._session.execute(insert(parties).values(_row(party)))
        await put_keys(self._writing, party.id, party.keys)

    async def save(self, party: Party) -> None:
        await self._session.execute(update(parties).where(parties.c.id == party.id).values(_row(party)))
        await put_keys(self._writing, party.id, party.keys)

    async def put(self, party: Party) -> None:
        """Add it, or bring the known one to this state."""
        row = _row(party)
        await self._session.execute(upsert(parties).values(row).on_conflict_do_update(index_elements=["id"], set_=row))
        await put_keys(self._writing, party.id, party.keys)


async def with_keys(session: ReadSession, rows: Sequence[Row[Any]]) -> list[Party]:
    """Rows of parties as values, in their order."""
    keys = await keys_of(session, [PartyId(row.id) for row in rows])
    return [_party(row, keys.get(PartyId(row.id), ())) for row in rows]


def _party(row: Row[Any], keys: tuple[Key, ...]) -> Party:
    return Party(
        id=PartyId(row.id),
        name=row.name,
        kind=row.kind,
        status=row.status,
        changed_at=row.changed_at,
        keys=keys,
        agency=CreditCode(row.agency) if row.agency else None,
        division=DivisionCode(row.division) if row.division else None,
        redirect_uris=tuple(row.redirect_uris),
        officers=tuple(OfficerId(each) for each in row.officers),
        applied_by=_officer(row.applied_by),
        approved_by=_officer(row.approved_by),
        suspended_by=_officer(row.suspended_by),
        suspended_for=row.suspended_for,
        terms=Terms(row.per_second, row.burst, row.per_day, row.purposes, networks_of(row.networks), row.expires_at),
        duties={officer: tuple(duties) for officer, duties in row.duties.items()},
        application=row.application,
        production_by=_officer(row.production_by),
        production_at=row.production_at,
        withdrawn_by=_officer(row.withdrawn_by),
        withdrawn_for=row.withdrawn_for,
        status_before=row.status_before,
    )


def _officer(text: str | None) -> OfficerId | None:
    return OfficerId(text) if text else None


def _row(party: Party) -> dict[str, Any]:
    return {
        "id": party.id,
        "name": party.name,
        "kind": party.kind,
        "status": party.status,
        "status_before": party.status_before,
        "agency": party.agency,
        "division": party.division,
        "redirect_uris": list(party.redirect_uris),
        "officers": list(party.officers),
        "duties": {officer: list(duties) for officer, duties in party.duties.items()},
        "application": dict(party.application),
        "applied_by": party.applied_by,
        "approved_by": party.approved_by,
        "production_by": party.production_by,
        "production_at": party.production_at,
        "suspended_by": party.suspended_by,
        "suspended_for": party.suspended_for,
        "withdrawn_by": party.withdrawn_by,
        "withdrawn_for": party.withdrawn_for,
        "per_second": party.terms.per_second,
        "burst": party.terms.burst,
        "per_day": party.terms.per_day,
        "purposes": dict(party.terms.purposes),
        "networks": [str(each) for each in party.terms.networks],
        "expires_at": party.terms.expires_at,
        "changed_at": party.changed_at,
    }
