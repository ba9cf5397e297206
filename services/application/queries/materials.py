"""What is owed, and what nobody had to bring."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from chassis.database import ReadSession
from contracts.api import application as api
from contracts.values import BasicCode, CaseNumber
from services.application.domain.lifecycle import OPEN
from services.application.domain.materials import WAIVERS, CaseMaterial, Way
from services.application.tables import cases, materials

_GOVERNMENT = "government"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A material of a running case that did not follow in time."""

    number: CaseNumber
    code: str
    name: str
    due_on: date


async def overdue(session: ReadSession, today: date, *, most: int = 200) -> list[Overdue]:
    """What was owed until a day before `today`, the oldest first: for the timer that ends such cases. Source: ADR-0049."""
    query = (
        select(cases.c.number, materials.c.code, materials.c.name, materials.c.due_on)
        .join(cases, cases.c.id == materials.c.case_id)
        .where(materials.c.way == Way.DEFERRED.value, materials.c.due_on < today, cases.c.status.in_(OPEN))
        .order_by(materials.c.due_on, cases.c.id, materials.c.code)
        .limit(most)
    )
    return [Overdue(CaseNumber(row.number), row.code, row.name, row.due_on) for row in await session.execute(query)]


def owed(given: Iterable[CaseMaterial], today: date) -> list[api.Owed]:
    return [
        api.Owed(code=each.code, name=each.name, due_on=each.due_on, is_overdue=each.due_on < today)
        for each in given
        if each.is_owed and each.due_on
    ]


def waivers(number: CaseNumber, given: Sequence[CaseMaterial]) -> api.CaseWaivers:
    """Of what was required of the case."""
    required = [each for each in given if each.is_required]
    ways = [(each.way, each.issued_by == _GOVERNMENT) for each in required]
    of_government = [way for way, is_government in ways if is_government]
    return api.CaseWaivers(number=number, all=_waived(_counted(way for way, _ in ways)), government=_waived(_counted(of_government)))


async def waiver_figures(session: ReadSession, *, since: datetime, until: datetime) -> api.WaiverFigures:
    """Over the cases of a period."""
    period = (cases.c.submitted_at >= since) & (cases.c.submitted_at < until)
    query = (
        select(materials.c.way, (materials.c.issued_by == _GOVERNMENT).label("is_government"), func.count().label("number"))
        .join(cases, cases.c.id == materials.c.case_id)
        .where(period, materials.c.is_required)
        .group_by(materials.c.way, "is_government")
    )
    rows = (await session.execute(query)).all()
    count = (await session.execute(select(func.count()).select_from(cases).where(period))).scalar_one()
    return api.WaiverFigures(
        since=since,
        until=until,
        cases=count,
        all=_waived(_summed(rows)),
        government=_waived(_summed(row for row in rows if row.is_government)),
    )


async def filling_times(session: ReadSession, *, since: datetime, until: datetime) -> api.FillingTimes:
    """From the first edit of a draft to its submission, by matter and over all, longest p90 first."""
    seconds = func.extract("epoch", cases.c.submitted_at - cases.c.began_at).label("seconds")
    of_period = (cases.c.submitted_at >= since) & (cases.c.submitted_at < until) & cases.c.began_at.is_not(None)
    each = select(func.substr(cases.c.task_code, 20, 12).label("basic_code"), seconds).where(of_period).subquery()
    p50, p90 = (func.percentile_cont(share).within_group(each.c.seconds) for share in (0.5, 0.9))
    query = (
        select(each.c.basic_code, func.count().label("cases"), p50.label("p50_s"), p90.label("p90_s"))
        .group_by(func.rollup(each.c.basic_code))
        .having(func.count() > 0)
        .order_by(p90.desc(), each.c.basic_code)
    )
    found = [_filling(row) for row in await session.execute(query)]
    overall = next((time for time in found if time.basic_code is None), None)
    return api.FillingTimes(since=since, until=until, overall=overall, matters=[time for time in found if time.basic_code])


def _filling(row: Row[Any]) -> api.FillingTime:
    code = BasicCode(row.basic_code) if row.basic_code else None
    return api.FillingTime(basic_code=code, cases=row.cases, p50_s=float(row.p50_s), p90_s=float(row.p90_s))


def _counted(ways: Iterable[Way]) -> dict[str, int]:
    found: dict[str, int] = {}
    for way in ways:
        found[way.value] = found.get(way.value, 0) + 1
    return found


def _summed(rows: Iterable[Row[Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row.way] = found.get(row.way, 0) + row.number
    return found


def _waived(count: dict[str, int]) -> api.Waived:
    by_way = {way.value: count.get(way.value, 0) for way in WAIVERS}
    return api.Waived(required=sum(count.values()), waived=sum(by_way.values()), **by_way)
