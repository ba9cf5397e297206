"""What supervision sees: cards, versions of the calendar, clocks, and promises tried on what was decided."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import Row, select

from chassis.database import ReadSession
from chassis.working_days import SHANGHAI
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CardId, CaseId, CaseNumber, CreditCode, DivisionCode, OfficerId, TaskCode
from services.application.domain.case import Case, Scope
from services.application.domain.clock import promise_end
from services.application.domain.supervision import RuleCode
from services.application.repository import CASE_COLUMNS, case_of, sight
from services.application.repository.rules import rules
from services.application.repository.schedules import newest_schedule
from services.application.tables import calendars, cards, cases, clocks

_PAGE: Final = 50
_COUNTED_AT_ONCE: Final = 500


def all_rules() -> list[api.SupervisionRule]:
    return [
        api.SupervisionRule.model_validate(
            {
                "rule": rule.code.value,
                "colour": rule.colour,
                "to_supervisor": rule.to_supervisor,
                "object_zh": rule.object.zh,
                "object_en": rule.object.en,
                "condition_zh": rule.condition.zh,
                "condition_en": rule.condition.en,
            }
        )
        for rule in rules().values()
    ]


async def supervised(
    session: ReadSession,
    scope: Scope | None,
    *,
    rule: str | None,
    colour: str | None,
    is_answered: bool | None,
    agency: CreditCode | None,
    before: CardId | None,
) -> Page[api.Card]:
    """Newest first, within the scope if there is one; `before` is the last card of the page before."""
    query = select(cards).order_by(cards.c.id.desc()).limit(_PAGE + 1)
    if scope:
        query = query.where(sight.decided(scope, sight.OF_CARDS))
    for column, wanted in ((cards.c.rule, rule), (cards.c.colour, colour), (cards.c.agency, agency)):
        if wanted:
            query = query.where(column == wanted)
    if is_answered is not None:
        query = query.where(cards.c.answered_at.is_not(None) if is_answered else cards.c.answered_at.is_(None))
    if before:
        query = query.where(cards.c.id < before)
    rows = (await session.execute(query)).all()
    return Page(items=[_card(row) for row in rows[:_PAGE]], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)


async def one_card(session: ReadSession, card_id: CardId) -> api.Card:
    return _card((await session.execute(select(cards).where(cards.c.id == card_id))).one())


async def cards_of(session: ReadSession, case_id: CaseId) -> list[api.Card]:
    """Of one case, oldest first."""
    return [_card(row) for row in await session.execute(select(cards).where(cards.c.case_id == case_id).order_by(cards.c.id))]


async def clock_of(session: ReadSession, case_id: CaseId) -> api.CaseClock | None:
    row = (await session.execute(select(clocks).where(clocks.c.case_id == case_id))).one_or_none()
    return api.CaseClock.model_validate(row._asdict()) if row else None


async def versions(session: ReadSession, *, before: int | None) -> Page[api.CalendarVersion]:
    """Newest first; `before` is the last version of the page before."""
    query = select(calendars).order_by(calendars.c.version.desc()).limit(_PAGE + 1)
    if before is not None:
        query = query.where(calendars.c.version < before)
    rows = (await session.execute(query)).all()
    items = [_version(row) for row in rows[:_PAGE]]
    return Page(items=items, next=str(rows[_PAGE - 1].version) if len(rows) > _PAGE else None)


async def version(session: ReadSession, number: int) -> api.CalendarVersion:
    return _version((await session.execute(select(calendars).where(calendars.c.version == number))).one())


async def promise_recount(
    session: ReadSession, task_code: TaskCode, month: str, promised_working_days: int, scope: Scope | None
) -> api.PromiseRecount:
    """By the newest calendar, with every special procedure and extension as it was."""
    schedule = await newest_schedule(session)
    total = late = 0
    after: str | None = None
    while rows := await _decided(session, task_code, month, scope, after=after):
        found = [case_of(row) for row in rows]
        total += len(found)
        late += sum(_is_late(case, promise_end(case, promised_working_days, schedule).at) for case in found)
        after = rows[-1].id
    return api.PromiseRecount(task_code=task_code, promised_working_days=promised_working_days, month=month, total=total, late=late)


def _is_late(case: Case, due_at: datetime) -> bool:
    return case.decided_at is not None and case.decided_at > due_at


async def _decided(session: ReadSession, task_code: TaskCode, month: str, scope: Scope | None, *, after: str | None) -> Sequence[Row[Any]]:
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begins, ends = (datetime.combine(day, time(), SHANGHAI).astimezone(UTC) for day in (first, following))
    query = select(*CASE_COLUMNS).where(cases.c.task_code == task_code, cases.c.decided_at >= begins, cases.c.decided_at < ends)
    if scope:
        query = query.where(sight.decided(scope))
    if after:
        query = query.where(cases.c.id > after)
    return (await session.execute(query.order_by(cases.c.id).limit(_COUNTED_AT_ONCE))).all()


def _card(row: Row[Any]) -> api.Card:
    rule = rules()[RuleCode(row.rule)]
    return api.Card(
        card_id=CardId(row.id),
        number=CaseNumber(row.number),
        rule=row.rule,
        colour=row.colour,
        to_supervisor=row.to_supervisor,
        zh=rule.condition.zh,
        en=rule.condition.en,
        note=row.note,
        occasions=[api.CardOccasion(note=each["note"], at=datetime.fromisoformat(each["at"])) for each in row.occasions],
        task_code=TaskCode(row.task_code),
        agency=CreditCode(row.agency),
        division=DivisionCode(row.division),
        raised_at=row.raised_at,
        answered_at=row.answered_at,
        answered_by=OfficerId(row.answered_by) if row.answered_by else None,
        answer=row.answer,
    )


def _version(row: Row[Any]) -> api.CalendarVersion:
    return api.CalendarVersion(
        version=row.version,
        year=row.year,
        off=row.off or [],
        worked=row.worked or [],
        unit=row.unit,
        opens=_hour(row.opens),
        closes=_hour(row.closes),
        source=row.source,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )


def _hour(at: time | None) -> str | None:
    return at.strftime("%H:%M") if at else None
