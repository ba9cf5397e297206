from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import OfficerId, PartyId
from gateway.registry.domain.keys import Key
from gateway.registry.tables import party_keys


async def keys_of(session: ReadSession, parties: Iterable[PartyId]) -> dict[PartyId, tuple[Key, ...]]:
    """Party → its keys in the order in which they were added, also those that are good no longer."""
    query = select(party_keys).where(party_keys.c.party.in_(list(parties))).order_by(party_keys.c.added_at, party_keys.c.kid)
    found: dict[PartyId, tuple[Key, ...]] = {}
    for row in await session.execute(query):
        party = PartyId(row.party)
        found[party] = (*found.get(party, ()), key_of_row(row))
    return found


async def put_keys(session: WriteSession, party: PartyId, keys: Iterable[Key]) -> None:
    """Add those that are new, and note which were revoked; a key is never changed or forgotten."""
    for key in keys:
        statement = upsert(party_keys).values(_row(party, key))
        ended = {"revoked_by": key.revoked_by, "revoked_at": key.revoked_at}
        await session.execute(
            statement.on_conflict_do_update(index_elements=["party", "kid"], set_=ended, where=party_keys.c.revoked_at.is_(None))
        )


def key_of_row(row: Row[Any]) -> Key:
    return Key(
        kid=row.kid,
        environment=row.environment,
        use=row.use,
        thumbprint=row.thumbprint,
        jwk=row.jwk,
        added_at=row.added_at,
        added_by=OfficerId(row.added_by) if row.added_by else None,
        not_before=row.not_before,
        not_after=row.not_after,
        revoked_by=OfficerId(row.revoked_by) if row.revoked_by else None,
        revoked_at=row.revoked_at,
    )


def _row(party: PartyId, key: Key) -> dict[str, Any]:
    return {
        "party": party,
        "kid": key.kid,
        "environment": key.environment,
        "use": key.use,
        "thumbprint": key.thumbprint,
        "jwk": dict(key.jwk) if key.jwk is not None else None,
        "not_before": key.not_before or key.added_at,
        "not_after": key.not_after,
        "added_by": key.added_by,
        "added_at": key.added_at,
        "revoked_by": key.revoked_by,
        "revoked_at": key.revoked_at,
    }
