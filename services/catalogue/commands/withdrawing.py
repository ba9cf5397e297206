"""What is scheduled is taken back before its day, by two. Source: ADR-0038."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish as tell
from contracts.api import catalogue as api
from contracts.events.catalogue import MatterChanged, MatterWithdrawn
from contracts.values import BasicCode
from services.catalogue.domain.drafts import Writer
from services.catalogue.domain.lifecycle import KINDS
from services.catalogue.domain.withdrawals import NoWithdrawalWaits, SameOfficerMayNotWithdraw
from services.catalogue.repository import changes
from services.catalogue.repository.matters import Catalogue
from services.catalogue.repository.standings import Standings
from services.catalogue.repository.withdrawals import Scheduled, Withdrawals, said_of

Find = Callable[[Withdrawals, datetime], Awaitable[Scheduled]]


def version_of(basic_code: BasicCode, version: int) -> Find:
    return lambda withdrawals, at: withdrawals.version(basic_code, version, at)


def retirement_of(basic_code: BasicCode) -> Find:
    return lambda withdrawals, at: withdrawals.retirement(basic_code, at)


async def ask(
    session: WriteSession, basic_code: BasicCode, find: Find, asked: api.AskWithdrawal, writer: Writer, *, at: datetime
) -> api.Withdrawal:
    """One officer asks; asked again while it waits, the same. Raises NothingScheduled, DraftOutOfReach for a district."""
    writer.check_matter()
    await Catalogue(session).lock_matter(basic_code)
    withdrawals = Withdrawals(session)
    scheduled = await find(withdrawals, at)
    row = await withdrawals.waiting(scheduled, writer.party)
    if row is None:
        row = await withdrawals.add(scheduled, asked.reason, party=writer.party, officer=writer.officer, at=at)
    return said_of(row, scheduled)


async def review(
    session: WriteSession, basic_code: BasicCode, find: Find, reviewed: api.ReviewWithdrawal, writer: Writer, *, at: datetime
) -> api.Withdrawal:
    """Another officer of the party decides. Raises NothingScheduled when its moment has come, NoWithdrawalWaits,
    SameOfficerMayNotWithdraw, DraftOutOfReach for a district."""
    writer.check_matter()
    catalogue, withdrawals = Catalogue(session), Withdrawals(session)
    await catalogue.lock_matter(basic_code)
    scheduled = await find(withdrawals, at)
    row = await withdrawals.waiting(scheduled, writer.party)
    if row is None:
        raise NoWithdrawalWaits
    if row.asked_by == writer.officer:
        raise SameOfficerMayNotWithdraw
    row = await withdrawals.decide(row, "approved" if reviewed.approve else "rejected", officer=writer.officer, at=at)
    if reviewed.approve:
        await withdrawals.take_back(scheduled, at)
        await _tell(session, scheduled, at)
    return said_of(row, scheduled)


async def _tell(session: WriteSession, scheduled: Scheduled, at: datetime) -> None:
    basic_code, catalogue = scheduled.basic_code, Catalogue(session)
    if scheduled.version:
        await catalogue.stand_on_the_last(basic_code)
        await catalogue.settle_one(basic_code, at)
        await tell(session, MatterWithdrawn(basic_code=basic_code, version=scheduled.version, withdrawn_at=at), at=at)
        change = changes.Change(basic_code, scheduled.version, "withdrawn", scheduled.from_at)
    else:
        state = await Standings(session).state(basic_code, scheduled.from_at)
        await catalogue.settle_one(basic_code, at)
        await tell(session, MatterChanged(basic_code=basic_code, state=state, from_at=scheduled.from_at, changed_at=at), at=at)
        head = (await catalogue.heads([basic_code]))[basic_code]
        change = changes.Change(basic_code, head.version, KINDS[state], scheduled.from_at)
    await changes.record(session, [change], at=at)
