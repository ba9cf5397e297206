"""The clock of a case: kept beside it with every move, and set off by the instants at which something becomes true.

Source: ADR-0046.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession, put
from chassis.working_days import SHANGHAI, local_day
from chassis.working_days import Due as DueDay
from services.application.commands.cards import raise_card
from services.application.domain.alarms import CARDS, TEXTS, Due, alarms, unsettled
from services.application.domain.case import Case, Hearing
from services.application.domain.clock import HEARING_REQUEST_WORKING_DAYS, HEARING_WORKING_DAYS, terms
from services.application.domain.lifecycle import OPEN, Act, Status
from services.application.domain.schedule import Schedule
from services.application.repository.clocks import clock_row
from services.application.repository.schedules import NEWEST, newest_schedule, schedule_of
from services.application.tables import clocks

_INSERT: Final = upsert(clocks)
_COUNTED: Final = {column.name: _INSERT.excluded[column.name] for column in clocks.c if column.name not in {"case_id", "settled"}}
# Made once: it is part of every move.
_SET: Final = _INSERT.on_conflict_do_update(index_elements=["case_id"], set_=_COUNTED).returning(NEWEST)


async def dated(session: WriteSession, before: Case, after: Case, act: Act, *, at: datetime) -> Case:
    """The case with the days of its terms as they are after the act, and with the instant of the applicant's answer to the notice."""
    if act is Act.CORRECT and before.accepted_at is None:
        return replace(after, corrected_at=at)
    if _counts_by(before) == _counts_by(after):
        return after
    return counted(after, await newest_schedule(session))


def counted(case: Case, schedule: Schedule) -> Case:
    """With the days of its promise and its hearing. While a special procedure runs the promise has none; a case that is decided keeps
    those it had."""
    if case.accepted_at is None or case.status not in OPEN:
        return case
    promise = terms(case, schedule).promise
    due = DueDay(local_day(promise.at), promise.is_provisional) if promise else None
    return replace(case, due=due, hearing=_heard(case.hearing, schedule) if case.hearing else None)


def _heard(hearing: Hearing, schedule: Schedule) -> Hearing:
    asked = hearing.asked_at
    hold_until = schedule.after(local_day(asked), HEARING_WORKING_DAYS).on if asked else None
    return replace(hearing, ask_until=schedule.after(local_day(hearing.told_at), HEARING_REQUEST_WORKING_DAYS).on, hold_until=hold_until)


def _counts_by(case: Case) -> tuple[object, ...]:
    return case.accepted_at, case.suspensions, case.extension, case.hearing, case.receiving_unit, case.status is Status.SUSPENDED


async def begin(session: WriteSession, case: Case, *, at: datetime) -> None:
    """The clock of a case that was just submitted."""
    await put(session, _INSERT, _row_of(case, clock_row(case, await newest_schedule(session), at=at)))


async def follow(session: WriteSession, before: Case, after: Case, *, at: datetime) -> None:
    """What follows from a move: cards that came true before it, and where the clock stands after it."""
    schedule = await schedule_of(session)
    await _overtaken(session, before, schedule, at=at)
    row = clock_row(after, schedule, at=at)
    if row == clock_row(before, schedule, at=at):
        return
    if await set_to(session, after, row) != schedule.version:
        await set_to(session, after, clock_row(after, await newest_schedule(session), at=at))


async def _overtaken(session: WriteSession, before: Case, schedule: Schedule, *, at: datetime) -> None:
    """Whoever moves a case before the clock looked at it leaves the cards that it would have raised."""
    passed = [due for due in alarms(before, terms(before, schedule), schedule) if due.at <= at and due.alarm in CARDS]
    if not passed:
        return
    done = await settled(session, before)
    for due in unsettled(passed, done):
        await card_of(session, before, due, at=at)
    await settle(session, before, [*done, *(due.key for due in passed if due.key not in done)])


async def card_of(session: WriteSession, case: Case, due: Due, *, at: datetime) -> None:
    rule = CARDS.get(due.alarm)
    if rule:
        said = TEXTS[due.alarm]
        about = f"{due.about} " if due.about else ""
        ended = due.end.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        await raise_card(session, case, rule, at=at, note=f"{said.zh} {said.en}: {about}{ended}")


async def settled(session: ReadSession, case: Case) -> list[str]:
    """What the clock did about a case already."""
    found: list[str] | None = (await session.execute(select(clocks.c.settled).where(clocks.c.case_id == case.id))).scalar_one_or_none()
    return found or []


async def settle(session: WriteSession, case: Case, keys: Sequence[str]) -> None:
    await session.execute(update(clocks).where(clocks.c.case_id == case.id).values(settled=list(keys)))


async def set_to(session: WriteSession, case: Case, row: dict[str, Any]) -> str | None:
    """The newest version of the calendar, which may not be the one that the row was counted by."""
    newest: str | None = (await session.execute(_SET, _row_of(case, row))).scalar_one()
    return newest


def _row_of(case: Case, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"case_id": case.id, "settled": []}
