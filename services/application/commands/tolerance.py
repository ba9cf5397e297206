"""容缺受理: what was to follow and has not. Applicants are reminded, and an officer ends the case or lets it go on; nothing ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, func, literal, select

from chassis.database import ReadSession, WriteSession
from chassis.errors import Conflict
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.problems import application as problems
from contracts.values import CaseId, CaseNumber, OfficerId
from services.application.commands.cards import raise_card
from services.application.commands.clocks import settle, settled
from services.application.commands.moving import move
from services.application.commands.notifications import remind
from services.application.commands.timers import BATCH, locked
from services.application.domain.case import Case, Scope
from services.application.domain.case.parts import Cause
from services.application.domain.lifecycle import OPEN, Act, Actor, Role
from services.application.domain.materials import CaseMaterial, Way
from services.application.domain.supervision import RuleCode
from services.application.domain.telling import Reminder, about
from services.application.repository import Cases, case_of
from services.application.repository.schedules import newest_schedule
from services.application.tables import cases, clocks, materials

_CARD: Final = "容缺材料逾期未补 not supplied in time"


class NothingOverdue(Conflict):
    problem = problems.NOTHING_OVERDUE


@dataclass(frozen=True, slots=True)
class Owing:
    """A material that is due soon, or overdue; `key` is its occasion."""

    case_id: CaseId
    key: str
    name: str
    due_on: date
    is_overdue: bool


async def owing(session: ReadSession, *, at: datetime) -> list[Owing]:
    """What has to be said and was not: of what is due within the days of the reminder, and of what is overdue."""
    today, schedule = local_day(at), await newest_schedule(session)
    soon = schedule.after(today, schedule.practice.supply_reminder_working_days).on
    late = await _unsaid(session, "owed", materials.c.due_on < today)
    coming = await _unsaid(session, "owed-soon", materials.c.due_on.between(today, soon))
    return [Owing(CaseId(row.id), row.key, row.name, row.due_on, row.due_on < today) for row in (*late, *coming)]


async def note(session: WriteSession, owed: Owing, *, at: datetime) -> None:
    """A reminder, or a card and word of it, once; what becomes of the case is for an officer to say."""
    row = (await session.execute(locked().where(cases.c.id == owed.case_id))).one_or_none()
    if row is None:
        return
    case = case_of(row)
    done = await settled(session, case)
    if owed.key in done:
        return
    what = Reminder.SUPPLY_OVERDUE if owed.is_overdue else Reminder.SUPPLY_DUE
    await remind(session, case, what, about(owed.name, owed.due_on), at=at)
    if owed.is_overdue:
        await raise_card(session, case, RuleCode.R02, at=at, note=f"{_CARD}: {owed.name} {owed.due_on}")
    await settle(session, case, [*done, owed.key])


async def terminate(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    cause: Cause,
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    reason: str,
    revision: int | None = None,
) -> Case:
    """终止, by an officer. Raises NoSuchCase, CaseHasChanged, ActNotPossible, NothingOverdue."""
    case = await Cases(session, sealer).within(number, scope, act=Act.TERMINATE, lock=True)
    case.check_revision(revision)
    ended = case.terminate(cause, reason=reason, at=at)
    if cause == "not_supplied":
        _check_overdue(await Cases(session, sealer).materials(case), at)
    return await move(session, case, ended, Act.TERMINATE, sealer, by=Actor(Role.CLERK, case.agency_name, by), at=at, note=reason)


async def go_on(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    working_days: int,
    reason: str,
    revision: int | None = None,
) -> Case:
    """What is overdue may follow until later. Raises NoSuchCase, CaseHasChanged, ActNotPossible, NothingOverdue, SupplyWasExtended."""
    repository = Cases(session, sealer)
    case = await repository.within(number, scope, act=Act.EXTEND_SUPPLY, lock=True)
    case.check_revision(revision)
    until = (await newest_schedule(session)).after(local_day(at), working_days).on
    extended = case.extend_supply(until)
    overdue = _check_overdue(await repository.materials(case), at)
    by_clerk = Actor(Role.CLERK, case.agency_name, by)
    moved = await move(session, case, extended, Act.EXTEND_SUPPLY, sealer, by=by_clerk, at=at, note=f"{until}：{reason}")
    await repository.put_materials(moved, [replace(each, due_on=until) for each in overdue])
    return moved


def _check_overdue(given: Sequence[CaseMaterial], at: datetime) -> list[CaseMaterial]:
    """Those that are. Raises NothingOverdue."""
    overdue = [each for each in given if each.is_owed and each.due_on and each.due_on < local_day(at)]
    if not overdue:
        raise NothingOverdue
    return overdue


async def _unsaid(session: ReadSession, what: str, when: ColumnElement[bool]) -> Sequence[Any]:
    key = literal(f"{what}|").concat(materials.c.code).concat("|").concat(cast(materials.c.due_on, Text))
    owed = (materials.c.way == Way.DEFERRED.value) & when & cases.c.status.in_(OPEN)
    query = select(cases.c.id, key.label("key"), materials.c.name, materials.c.due_on).join(cases, cases.c.id == materials.c.case_id)
    query = query.join(clocks, clocks.c.case_id == cases.c.id).where(owed, func.array_position(clocks.c.settled, key).is_(None))
    return (await session.execute(query.order_by(materials.c.due_on).limit(BATCH))).all()
