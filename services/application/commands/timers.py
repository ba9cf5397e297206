"""What happens to a case because time passed, and because the calendar changed. The worker calls it, in small transactions."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Text, cast, func, literal, select, update

from chassis.database import ReadSession, WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import SHANGHAI, local_day
from contracts.events.application import CaseRenewalDeemed
from contracts.values import CaseId
from services.application.commands.cards import raise_card
from services.application.commands.clocks import card_of, counted, set_to, settle, settled
from services.application.commands.handling import deem_accepted
from services.application.commands.moving import move, note_act
from services.application.domain.alarms import TEXTS, Alarm, Due, alarms, unsettled
from services.application.domain.case import Case
from services.application.domain.clock import terms
from services.application.domain.lifecycle import MESH, OPEN, Act
from services.application.domain.materials import Way
from services.application.domain.schedule import Schedule
from services.application.domain.supervision import RuleCode
from services.application.repository import CASE_COLUMNS, case_of
from services.application.repository.clocks import DUES, clock_row
from services.application.repository.schedules import newest_schedule, version_said
from services.application.tables import cases, clocks, materials

Place = tuple[datetime, str]
"""Where a pass over the clocks stands: instant, and case."""

BATCH: Final = 50


async def waiting(session: ReadSession, *, at: datetime, after: Place | None) -> list[Place]:
    """Clocks that have to be looked at, those that wait longest first."""
    query = select(clocks.c.next_at, clocks.c.case_id).where(clocks.c.next_at <= at).order_by(clocks.c.next_at, clocks.c.case_id)
    if after:
        query = query.where((clocks.c.next_at > after[0]) | ((clocks.c.next_at == after[0]) & (clocks.c.case_id > after[1])))
    return [(row.next_at, row.case_id) for row in await session.execute(query.limit(BATCH))]


async def look(session: WriteSession, case_id: CaseId, sealer: Sealer, *, at: datetime) -> None:
    """Do what has come true for one case. Nothing where another process has it."""
    row = (await session.execute(_locked().where(cases.c.id == case_id))).one_or_none()
    if row is None:
        return
    case, schedule = case_of(row), await newest_schedule(session)
    while due := await _next(session, case, schedule, at=at):
        await card_of(session, case, due, at=at)
        await settle(session, case, [*await settled(session, case), due.key])
        case = await _happened(session, case, due, schedule, sealer, at=at)


async def _next(session: WriteSession, case: Case, schedule: Schedule, *, at: datetime) -> Due | None:
    """What has come true; None when nothing has, and then the clock waits for what comes."""
    row = clock_row(case, schedule, at=at)
    coming = unsettled(alarms(case, terms(case, schedule), schedule), await settled(session, case))
    if coming and coming[0].at <= at:
        return coming[0]
    await set_to(session, case, row | {"next_at": coming[0].at if coming else None})
    return None


async def _happened(session: WriteSession, case: Case, due: Due, schedule: Schedule, sealer: Sealer, *, at: datetime) -> Case:
    """What the law says happens by itself."""
    said = TEXTS[due.alarm]
    if due.alarm is Alarm.INTAKE:
        return await deem_accepted(session, case, sealer, received_at=terms(case, schedule).received_at, at=at)
    if due.alarm is Alarm.CORRECTION:
        reason = f"{said.zh} {said.en}"
        ended = case.terminate("correction_timeout", reason=reason, at=at)
        return await move(session, case, ended, Act.TERMINATE, sealer, by=MESH, at=at, note=reason)
    if due.alarm is Alarm.RENEWAL and case.renews:
        await note_act(session, case, Act.DEEM_RENEWED, by=MESH, at=at, note=case.renews.certificate)
        event = CaseRenewalDeemed(
            number=case.number, certificate=case.renews.certificate, renewed_from=due.at.astimezone(SHANGHAI).date(), agency=case.agency
        )
        await publish(session, event, at=at, trace=case.trace)
    return case


async def unsupplied(session: ReadSession, *, at: datetime) -> list[tuple[CaseId, str, str]]:
    """(case, material, what is noted) of what was to follow later 容缺后补, did not, and has no card for it yet."""
    key = literal("owed|").concat(materials.c.code).concat("|").concat(cast(materials.c.due_on, Text))
    late = (materials.c.way == Way.DEFERRED.value) & (materials.c.due_on < local_day(at)) & cases.c.status.in_(OPEN)
    query = select(cases.c.id, key.label("key"), materials.c.name, materials.c.due_on).join(cases, cases.c.id == materials.c.case_id)
    query = query.join(clocks, clocks.c.case_id == cases.c.id).where(late, func.array_position(clocks.c.settled, key).is_(None))
    rows = await session.execute(query.order_by(materials.c.due_on).limit(BATCH))
    return [(CaseId(row.id), row.key, f"容缺材料逾期未补 not supplied in time: {row.name} {row.due_on}") for row in rows]


async def note_unsupplied(session: WriteSession, case_id: CaseId, key: str, note: str, *, at: datetime) -> None:
    """A card for it, once; what becomes of the case is for whoever decides it."""
    row = (await session.execute(_locked().where(cases.c.id == case_id))).one_or_none()
    if row is None:
        return
    case = case_of(row)
    done = await settled(session, case)
    if key not in done:
        await raise_card(session, case, RuleCode.R02, at=at, note=note)
        await settle(session, case, [*done, key])


async def recount(session: WriteSession, sealer: Sealer, *, at: datetime) -> int:
    """Count open cases by the newest calendar, some at a time; how many. What changes is in the history of its case, with why."""
    schedule = await newest_schedule(session)
    stale = clocks.c.is_open & clocks.c.calendar.is_distinct_from(schedule.version)
    query = _locked(*(clocks.c[name] for name in DUES)).join(clocks, clocks.c.case_id == cases.c.id).where(stale)
    rows = (await session.execute(query.order_by(clocks.c.case_id).limit(BATCH))).all()
    said = await version_said(session, schedule)
    unchanged = [row.id for row in rows if not await _recounted(session, row, schedule, said, sealer, at=at)]
    await session.execute(update(clocks).where(clocks.c.case_id.in_(unchanged)).values(calendar=schedule.version))
    return len(rows)


async def start_clocks(session: WriteSession, *, at: datetime) -> int:
    """Clocks of open cases from before there were any; how many."""
    without = ~select(clocks.c.case_id).where(clocks.c.case_id == cases.c.id).exists()
    rows = (await session.execute(_locked().where(cases.c.status.in_(OPEN), without).limit(BATCH))).all()
    schedule = await newest_schedule(session)
    for row in rows:
        case = case_of(row)
        await set_to(session, case, clock_row(case, schedule, at=at))
    return len(rows)


async def _recounted(session: WriteSession, row: Row[Any], schedule: Schedule, said: str, sealer: Sealer, *, at: datetime) -> bool:
    case = case_of(row)
    clock, moved = clock_row(case, schedule, at=at), counted(case, schedule)
    changes = [_change(DUES[name], getattr(row, name), clock[name]) for name in DUES if getattr(row, name) != clock[name]]
    changes += _heard(case, moved)
    if not changes:
        return False
    note = f"{said}: {'; '.join(changes)}"
    if moved == case:
        await note_act(session, case, Act.RECOUNT, by=MESH, at=at, note=note)
    else:
        await move(session, case, moved.recounted(), Act.RECOUNT, sealer, by=MESH, at=at, note=note)
    await set_to(session, case, clock)
    return True


def _heard(before: Case, after: Case) -> list[str]:
    if before.hearing is None or after.hearing is None or before.hearing == after.hearing:
        return []
    was, now = before.hearing, after.hearing
    return [f"听证 hearing {was.ask_until} {was.hold_until or ''} → {now.ask_until} {now.hold_until or ''}".replace("  ", " ")]


def _change(called: tuple[str, str], before: datetime | None, after: datetime | None) -> str:
    zh, en = called
    return f"{zh} {en} {_shown(before)} → {_shown(after)}"


def _shown(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "—"


def _locked(*more: Any) -> Any:
    return select(*CASE_COLUMNS, *more).with_for_update(of=cases, skip_locked=True)
