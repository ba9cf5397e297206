"""What tables of automatic approval said: of one case, waiting to be looked at again, and as a report by row and by group."""

from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.api.catalogue import Definition
from contracts.values import BasicCode, CaseNumber, OfficerId
from services.application.domain.approval import Mode, judged
from services.application.domain.case import Case, Scope
from services.application.domain.lifecycle import Act
from services.application.repository.approval import Approvals, Kept, Unit, asked_within, of_numbers, was_decided
from services.application.tables import automatic_decisions, cases

_PAGE = 50
_asked = automatic_decisions.c


def presented(found: Case, kept: Kept, definition: Definition) -> api.AutomaticDecision:
    """`definition` is that of the version of the case: its table is asked again."""
    said = kept.said
    again = judged(definition.approval, said.facts) if definition.approval else None
    return api.AutomaticDecision(
        number=found.number,
        mode=kept.mode.value,
        version=kept.version,
        table=said.table,
        grants=kept.grants,
        row=said.row,
        zh=said.zh,
        en=said.en,
        rule=said.rule,
        facts=[api.ApprovalFact(name=each.name, zh=each.zh, en=each.en, value=each.value, source=each.source) for each in said.facts],
        missing=list(said.missing),
        at=kept.at,
        is_the_same_again=again == said,
        recheck_for=kept.recheck_for,
        agrees=kept.agrees,
        recheck_reason=kept.recheck_reason,
    )


async def switches(session: ReadSession, unit: Unit, sealer: Sealer) -> list[api.ApprovalSwitch]:
    """What is said now about each table of the unit, and about all of them."""
    return [
        api.ApprovalSwitch(
            is_city_wide=row.unit is None,
            basic_code=BasicCode(row.basic_code) if row.basic_code else None,
            mode=row.mode,
            sample_percent=row.sample_percent,
            reason=row.reason,
            by=OfficerId(row.by),
            since=row.at,
        )
        for row in await Approvals(session, sealer).of_unit(unit)
    ]


async def waiting(session: ReadSession, scope: Scope) -> list[api.WaitingRecheck]:
    """Automatic grants that somebody has to look at again, oldest first."""
    query = (
        select(cases.c.number, cases.c.matter_name, _asked.recheck_for, _asked.at)
        .join(cases, of_numbers())
        .where(asked_within(scope), _asked.recheck_for.is_not(None), _asked.rechecked_by.is_(None))
        .order_by(_asked.at)
        .limit(_PAGE)
    )
    rows = await session.execute(query)
    return [
        api.WaitingRecheck(number=CaseNumber(row.number), matter_name=row.matter_name, recheck_for=row.recheck_for, at=row.at)
        for row in rows
    ]


async def report(session: ReadSession, scope: Scope, basic_code: BasicCode) -> api.ApprovalReport:
    """By row, by division and by kind of applicant, over everything that is kept."""
    mine = asked_within(scope) & (_asked.basic_code == basic_code)
    shadow = _asked.mode == Mode.SHADOW
    columns = (
        _asked.row_id,
        func.count().label("asked"),
        _counted(_asked.is_grant).label("grants"),
        _counted(shadow & was_decided()).label("officers_decided"),
        _counted(shadow & was_decided(Act.GRANT)).label("officers_granted"),
        _counted(_asked.rechecked_by.is_not(None)).label("rechecked"),
        _counted(_asked.agrees.is_(False)).label("disagreed"),
        _counted(shadow & _asked.is_grant & was_decided()).label("both"),
        _counted(shadow & _asked.is_grant & was_decided(Act.GRANT)).label("same"),
    )
    rows = (await session.execute(select(*columns).where(mine).group_by(_asked.row_id).order_by(_asked.row_id))).all()
    both, same = sum(row.both for row in rows), sum(row.same for row in rows)
    kind = case((cases.c.person_id.is_not(None), "个人 persons"), else_="法人 organisations")
    return api.ApprovalReport(
        basic_code=basic_code,
        rows=[_row(row) for row in rows],
        by_division=await _shares(session, mine, _asked.division),
        by_applicant=await _shares(session, mine, kind),
        agreement=same / both if both else None,
    )


async def _shares(session: ReadSession, mine: ColumnElement[bool], group: ColumnElement[Any]) -> list[api.ApprovalShare]:
    counted = (group.label("group"), func.count().label("asked"), _counted(_asked.is_grant).label("grants"))
    query = select(*counted).join(cases, of_numbers()).where(mine).group_by(group).order_by(group)
    return [api.ApprovalShare(group=row.group, asked=row.asked, grants=row.grants) for row in await session.execute(query)]


def _row(row: Row[Any]) -> api.ApprovalRow:
    return api.ApprovalRow(
        row=row.row_id,
        asked=row.asked,
        grants=row.grants,
        officers_decided=row.officers_decided,
        officers_granted=row.officers_granted,
        rechecked=row.rechecked,
        disagreed=row.disagreed,
    )


def _counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)
