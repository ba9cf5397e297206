"""The newest version of the calendar. Every connection keeps the one it read last, and whoever writes a clock is told if it is old."""

import json
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ScalarSelect, select

from chassis import working_days
from chassis.database import ReadSession
from chassis.working_days import Notice
from services.application.domain.schedule import Hours, Practice, Schedule
from services.application.tables import calendars

_FILE: Final = Path(__file__).parents[1] / "seed" / "clock.json"
_KEPT: Final = "schedule"
_SEEN_BY: Final = "schedule seen by"

NEWEST: Final[ScalarSelect[Any]] = select(calendars.c.id).order_by(calendars.c.version.desc()).limit(1).scalar_subquery()
"""The id of the newest version, None where nothing was imported: for a statement that has something else to do too."""


async def schedule_of(session: ReadSession) -> Schedule:
    """The one that this connection read last. It may be old: what is counted by it says by which."""
    kept: Schedule | None = session.info.get(_KEPT)
    return kept or await newest_schedule(session)


async def newest_schedule(session: ReadSession) -> Schedule:
    """By one look where it is known already, and none where the transaction has looked."""
    kept: Schedule | None = session.info.get(_KEPT)
    transaction = session.sync_connection and session.sync_connection.get_transaction()
    if kept is not None and transaction is not None and session.info.get(_SEEN_BY) is transaction:
        return kept
    version: str | None = (await session.execute(select(NEWEST))).scalar_one()
    if kept is None or kept.version != version:
        kept = session.info[_KEPT] = await _read(session)
    session.info[_SEEN_BY] = transaction
    return kept


async def version_said(session: ReadSession, schedule: Schedule) -> str:
    """How a version is called in a case's history: its number, and where it comes from."""
    row = (await session.execute(select(calendars).where(calendars.c.id == schedule.version))).one_or_none()
    return f"日历第 {row.version} 版 calendar version {row.version} ({row.source})" if row else "日历 calendar"


@cache
def first_schedule() -> Schedule:
    """What comes with the program."""
    said = _said()
    usual = Hours(time.fromisoformat(said["office_hours"]["opens"]), time.fromisoformat(said["office_hours"]["closes"]))
    practice = Practice(
        prereview_hours=said["prereview_hours"],
        correction_working_days=said["correction_working_days"],
        warning_percent=said["warning_percent"],
        intake_steps=frozenset(said["intake_steps"]),
        result_steps=frozenset(said["result_steps"]),
    )
    return Schedule(working_days.calendar(working_days.notices(), settled=_settled()), usual, practice)


async def _read(session: ReadSession) -> Schedule:
    """Later rows win over earlier ones, and all over what came with the program."""
    first = first_schedule()
    notices, units, usual, version = dict(working_days.notices()), dict(first.units), first.usual, None
    for row in await session.execute(select(calendars).order_by(calendars.c.version)):
        version = row.id
        if row.year is not None:
            notices[row.year] = Notice(frozenset(row.off), frozenset(row.worked))
        elif row.unit is not None:
            units[row.unit] = Hours(row.opens, row.closes)
        else:
            usual = Hours(row.opens, row.closes)
    return Schedule(working_days.calendar(notices, settled=_settled()), usual, first.practice, units, version)


@cache
def renewal_words() -> frozenset[str]:
    """What the name of a matter says that renews what it gives."""
    return frozenset(_said()["renewal_words"])


def _settled() -> tuple[int, int]:
    month, day = _said()["settled_until"].split("-")
    return int(month), int(day)


@cache
def _said() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(_FILE.read_text())
    return said
