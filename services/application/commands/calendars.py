"""Versions of the calendar: a year's notice, or the hours of a unit. A later version takes the place of an earlier one."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import insert, select, text

from chassis import working_days
from chassis.database import WriteSession
from contracts.api import application as api
from contracts.values import EventId, OfficerId
from services.application.domain.notices import check_hours, check_notice
from services.application.tables import calendars


async def import_notice(session: WriteSession, wanted: api.ImportNotice, *, by: OfficerId, at: datetime) -> int:
    """Its version. Raises NoticeIsNotValid."""
    check_notice(wanted.year, wanted.off, wanted.worked)
    said = {"year": wanted.year, "off": wanted.off, "worked": wanted.worked}
    return await _add(session, said, wanted.source, by=by, at=at)


async def set_hours(session: WriteSession, wanted: api.SetHours, *, by: OfficerId, at: datetime) -> int:
    """Its version. Raises HoursAreNotValid."""
    opens, closes = time.fromisoformat(wanted.opens), time.fromisoformat(wanted.closes)
    check_hours(opens, closes)
    return await _add(session, {"unit": wanted.unit, "opens": opens, "closes": closes}, wanted.source, by=by, at=at)


async def learn_notices(session: WriteSession, *, at: datetime) -> None:
    """Years that came with the program and were not imported become versions, so that every process counts by the same."""
    await _one_at_a_time(session)
    known = set((await session.execute(select(calendars.c.year).where(calendars.c.year.is_not(None)))).scalars())
    for year, notice in sorted(working_days.notices().items()):
        if year not in known:
            said = {"year": year, "off": sorted(notice.off), "worked": sorted(notice.worked)}
            await _insert(session, said, "随程序发布 came with the program", by="system", at=at)


async def _add(session: WriteSession, said: dict[str, Any], source: str, *, by: str, at: datetime) -> int:
    await _one_at_a_time(session)
    return await _insert(session, said, source, by=by, at=at)


async def _one_at_a_time(session: WriteSession) -> None:
    """The newest version must be the last to commit: whoever knows it knows those before it."""
    await session.execute(text("LOCK TABLE calendars IN SHARE ROW EXCLUSIVE MODE"))


async def _insert(session: WriteSession, said: dict[str, Any], source: str, *, by: str, at: datetime) -> int:
    row = said | {"id": EventId.new(), "source": source, "imported_by": by, "imported_at": at}
    version: int = (await session.execute(insert(calendars).values(row).returning(calendars.c.version))).scalar_one()
    return version
