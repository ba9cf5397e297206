"""Suspending, resuming and retiring matters. Source: ADR-0038."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish as tell
from contracts.api import catalogue as api
from contracts.events.catalogue import MatterChanged
from contracts.values import BasicCode
from services.catalogue.domain.drafts import Writer
from services.catalogue.domain.lifecycle import KINDS, State, check_change, from_moment
from services.catalogue.domain.matters import NoSuchMatter
from services.catalogue.repository import changes
from services.catalogue.repository.matters import Catalogue
from services.catalogue.repository.standings import Standings


async def change(
    session: WriteSession, basic_code: BasicCode, state: State, asked: api.DecideStanding, writer: Writer, *, at: datetime
) -> api.Standing:
    """Say from when on a matter is in use, suspended or retired.

    Raises NoSuchMatter, MatterNotInThisState, EffectiveInThePast, DraftOutOfReach for a district.
    """
    writer.check_matter()
    from_at = from_moment(asked.from_at, at)
    catalogue, standings = Catalogue(session), Standings(session)
    await catalogue.lock_matter(basic_code)
    head = (await catalogue.heads([basic_code])).get(basic_code)
    if head is None or not head.version:
        raise NoSuchMatter
    check_change(await standings.state(basic_code, from_at), state)
    decided = api.Standing(state=state, from_at=from_at, reason=asked.reason, officer=writer.officer, decided_at=at)
    await standings.add(basic_code, decided, writer.party)
    await catalogue.settle_one(basic_code, at)
    await tell(session, MatterChanged(basic_code=basic_code, state=state, from_at=from_at, changed_at=at), at=at)
    await changes.record(session, [changes.Change(basic_code, head.version, KINDS[state], from_at)], at=at)
    return decided
