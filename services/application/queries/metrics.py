"""Figures of cases, each with its numerator and denominator. Source: the metrics that the policies name; ADR-0052."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, cast, exists, func, select
from sqlalchemy.types import Date

from chassis.database import ReadSession
from contracts.api import application as api
from services.application.domain.approval import DECIDES
from services.application.domain.lifecycle import Act, Status
from services.application.domain.materials import Way
from services.application.tables import cards, cases, history, materials

_ZONE: Final = "Asia/Shanghai"
_ONLINE: Final = ("pc", "mobile", "kiosk")
_PREREVIEW: Final = timedelta(hours=24)

Period = Callable[[ColumnElement[datetime]], ColumnElement[bool]]
Counting = Callable[[Period], Select[int, int]]


@dataclass(frozen=True, slots=True)
class Metric:
    """`counting` selects (numerator, denominator) of a period."""

    code: str
    zh: str
    en: str
    counted_zh: str
    counted_en: str
    counting: Counting


async def all_metrics(session: ReadSession, *, since: datetime, until: datetime) -> api.CaseMetrics:
    """Of what happened from `since`, included, until `until`, excluded."""

    def period(column: ColumnElement[datetime]) -> ColumnElement[bool]:
        return (column >= since) & (column < until)

    found = []
    for each in METRICS:
        numerator, denominator = (await session.execute(each.counting(period))).one()
        found.append(
            api.CaseMetric(
                code=each.code,
                zh=each.zh,
                en=each.en,
                numerator=numerator,
                denominator=denominator,
                value=numerator / denominator if denominator else None,
                counted_zh=each.counted_zh,
                counted_en=each.counted_en,
            )
        )
    return api.CaseMetrics(since=since, until=until, metrics=found)


def _of_cases(base: ColumnElement[Any], counted: ColumnElement[bool]) -> Counting:
    """Of the cases whose `base` lies in the period, those that are counted."""

    def counting(period: Period) -> Select[int, int]:
        return select(func.count().filter(counted), func.count()).select_from(cases).where(period(base))

    return counting


def _local_day(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.timezone(_ZONE, column), Date)


def _has_act(*acts: Act) -> ColumnElement[bool]:
    return exists().where(history.c.case_id == cases.c.id, history.c.act.in_(acts))


def _returned_directly(period: Period) -> Select[int, int]:
    """Of the answers to a return, those that went back to the step that had asked."""
    asked, answered = history.alias(), history.alias()
    last_asked = (
        select(asked.c.from_status)
        .where(asked.c.case_id == answered.c.case_id, asked.c.id < answered.c.id, asked.c.to_status == Status.CORRECTION)
        .order_by(asked.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    is_direct = answered.c.to_status == last_asked
    return select(func.count().filter(is_direct), func.count()).where(answered.c.act == Act.CORRECT, period(answered.c.at))


def _prereviewed_in_time(period: Period) -> Select[int, int]:
    begun, later, left = history.alias(), history.alias(), history.alias()
    in_time = left.c.at <= begun.c.at + _PREREVIEW
    of_it = (later.c.case_id == begun.c.case_id) & (later.c.id > begun.c.id) & (later.c.from_status == Status.PREREVIEW)
    first_left = select(func.min(later.c.id)).where(of_it).scalar_subquery()
    return (
        select(func.count().filter(in_time), func.count())
        .select_from(begun)
        .join(left, left.c.id == first_left)
        .where(begun.c.act == Act.BEGIN_PREREVIEW, period(begun.c.at))
    )


def _carded(period: Period) -> Select[int, int]:
    raised = select(func.count()).select_from(cards).where(period(cards.c.raised_at)).scalar_subquery()
    submitted = select(func.count()).select_from(cases).where(period(cases.c.submitted_at)).scalar_subquery()
    return select(raised, submitted)


def _answered(period: Period) -> Select[int, int]:
    return select(func.count().filter(cards.c.answered_at.is_not(None)), func.count()).select_from(cards).where(period(cards.c.raised_at))


_HAS_FILE: Final = exists().where(materials.c.case_id == cases.c.id, materials.c.way == Way.FILE)
_AT_ONCE: Final = _local_day(cases.c.accepted_at) == _local_day(cases.c.decided_at)
_IN_TIME: Final = and_(cases.c.due_on.is_not(None), _local_day(cases.c.decided_at) <= cases.c.due_on)

METRICS: Final = (
    Metric(
        "online-share", "实际办件网办比例", "Share of cases applied for online",
        "网上、移动端、自助终端申报的办件 / 期内受理的办件", "applied for on the web, the phone or a kiosk / accepted in the period",
        _of_cases(cases.c.accepted_at, cases.c.channel.in_(_ONLINE)),
    ),
    Metric(
        "decided-at-once", "即办率", "Decided on the day of acceptance",
        "受理当日决定的办件 / 期内决定的办件", "decided on the day of acceptance / decided in the period",
        _of_cases(cases.c.decided_at, _AT_ONCE),
    ),
    Metric(
        "decided-in-time", "按时办结率", "Decided within the promise",
        "承诺期限内决定的办件 / 期内决定的办件", "decided by the last day of the promise / decided in the period",
        _of_cases(cases.c.decided_at, _IN_TIME),
    ),
    Metric(
        "decided-by-table", "秒批率", "Granted by a table",
        "自动审批准予的办件 / 期内决定的办件", "granted by a table / decided in the period",
        _of_cases(cases.c.decided_at, cases.c.decided_by == DECIDES),
    ),
    Metric(
        "returned", "回退率", "Returned for correction",
        "要求补正的办件 / 期内申报的办件", "asked to be corrected / submitted in the period",
        _of_cases(cases.c.submitted_at, _has_act(Act.REQUEST_CORRECTION)),
    ),
    Metric(
        "returned-directly", "回退直达率", "Corrections that went straight back",
        "直达回退环节的补正 / 期内补正", "answers that went back to the step that asked / answers in the period",
        _returned_directly,
    ),
    Metric(
        "without-upload", "零材料", "Submitted without an upload",
        "无上传材料的办件 / 期内申报的办件", "without an uploaded file / submitted in the period",
        _of_cases(cases.c.submitted_at, ~_HAS_FILE),
    ),
    Metric(
        "prereviewed-in-time", "预受理24小时审核率", "Pre-reviewed within 24 hours",
        "24 小时内完成的预审 / 期内开始且已完成的预审", "pre-reviews ended within 24 hours / begun in the period and ended",
        _prereviewed_in_time,
    ),
    Metric(
        "cards", "红黄牌", "Cards of supervision",
        "期内亮牌 / 期内申报的办件", "cards raised / cases submitted in the period", _carded,
    ),
    Metric(
        "cards-answered", "亮牌办结率", "Cards that were answered",
        "已答复的牌 / 期内亮牌", "answered / raised in the period", _answered,
    ),
)  # fmt: skip
