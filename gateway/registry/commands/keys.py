from datetime import datetime

from chassis.database import WriteSession
from contracts.values import OfficerId, PartyId
from gateway.registry.commands.parties import keep
from gateway.registry.domain.keys import next_key
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties


async def add_own(session: WriteSession, party_id: PartyId, statement: str, *, at: datetime) -> Party:
    """A party's next key, by its own statement. The keys before it stay good until they are revoked or end.

    Raises: StatementIsNotValid, KeyIsNotAcceptable, KeyIsKnown.
    """
    known = await WritableParties(session).locked(party_id)
    return await keep(session, known, known.with_key(next_key(statement, party_id, known.keys, at=at), at=at))


async def revoke(session: WriteSession, party_id: PartyId, kid: str, *, by: OfficerId | None, at: datetime) -> Party:
    """`by` nobody where it is the party's own wish. Raises NoSuchKey."""
    known = await WritableParties(session).locked(party_id)
    return await keep(session, known, known.without_key(kid, by=by, at=at))
