"""What is scheduled, and who asked for it to be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from chassis.database import WriteSession
from contracts.api.catalogue import Withdrawal
from contracts.values import BasicCode, OfficerId, PartyId
from services.catalogue.domain.withdrawals import NothingScheduled
from services.catalogue.tables import matters, standings, versions, withdrawals


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A version, or the standing by which a matter is retired, that comes into force at `from_at`."""

    basic_code: BasicCode
    version: int | None
    standing: int | None
    from_at: datetime


class Withdrawals:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def version(self, basic_code: BasicCode, version: int, at: datetime) -> Scheduled:
        """The newest version, which others would stand on, while it is still to come. Raises NothingScheduled."""
        newest = (versions.c.basic_code == matters.c.basic_code) & (versions.c.version == matters.c.newest)
        query = select(versions.c.effective_at).join(matters, newest)
        query = query.where(versions.c.basic_code == basic_code, versions.c.version == version, versions.c.effective_at > at)
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NothingScheduled
        return Scheduled(basic_code, version, None, row.effective_at)

    async def retirement(self, basic_code: BasicCode, at: datetime) -> Scheduled:
        """Raises NothingScheduled."""
        of_matter = (standings.c.basic_code == basic_code, standings.c.state == "retired", standings.c.from_at > at)
        query = select(standings.c.id, standings.c.from_at).where(*of_matter, standings.c.withdrawn_at.is_(None))
        row = (await self._session.execute(query.order_by(standings.c.id.desc()).limit(1))).one_or_none()
        if row is None:
            raise NothingScheduled
        return Scheduled(basic_code, None, row.id, row.from_at)

    async def waiting(self, scheduled: Scheduled, party: PartyId) -> Any:
        """The row by which somebody of the party asked, None where nobody did; nobody else decides it until the end."""
        about = withdrawals.c.version == scheduled.version if scheduled.version else withdrawals.c.standing == scheduled.standing
        of_matter = (withdrawals.c.basic_code == scheduled.basic_code, about, withdrawals.c.party == party)
        query = select(withdrawals).where(*of_matter, withdrawals.c.state == "waiting").with_for_update()
        return (await self._session.execute(query)).one_or_none()

    async def add(self, scheduled: Scheduled, reason: str, *, party: PartyId, officer: OfficerId, at: datetime) -> Any:
        row = {
            "basic_code": scheduled.basic_code,
            "version": scheduled.version,
            "standing": scheduled.standing,
            "state": "waiting",
            "reason": reason,
            "party": party,
            "asked_by": officer,
            "asked_at": at,
        }
        return (await self._session.execute(insert(withdrawals).values(row).returning(*withdrawals.c))).one()

    async def decide(self, row: Any, state: str, *, officer: OfficerId, at: datetime) -> Any:
        said = {"state": state, "decided_by": officer, "decided_at": at}
        query = update(withdrawals).where(withdrawals.c.id == row.id).values(said).returning(*withdrawals.c)
        return (await self._session.execute(query)).one()

    async def take_back(self, scheduled: Scheduled, at: datetime) -> None:
        """It never comes into force; the database refuses it once its moment has come."""
        if scheduled.version:
            of_it = (versions.c.basic_code == scheduled.basic_code, versions.c.version == scheduled.version)
            await self._session.execute(update(versions).where(*of_it).values(withdrawn_at=at))
        else:
            await self._session.execute(update(standings).where(standings.c.id == scheduled.standing).values(withdrawn_at=at))


def said_of(row: Any, scheduled: Scheduled) -> Withdrawal:
    return Withdrawal(
        basic_code=scheduled.basic_code,
        version=scheduled.version,
        from_at=scheduled.from_at,
        reason=row.reason,
        outcome=row.state,
        asked_by=OfficerId(row.asked_by),
        asked_at=row.asked_at,
        decided_by=OfficerId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
    )
