"""The whole of one case, for the operators and, without what is not theirs, for its applicant."""

from dataclasses import dataclass

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import application as api
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act
from services.application.queries.cases import steps
from services.application.queries.progress import dues, presented
from services.application.tables import cards, notifications


@dataclass(frozen=True, slots=True)
class Facts:
    progress: api.Progress
    dues: api.Dues | None
    cards: list[api.Card]
    notifications: list[api.Notification]


async def facts(session: ReadSession, case: Case) -> Facts:
    running = await dues(session, case)
    course = await steps(session, case, for_handler=True)
    return Facts(presented(case, running, course), running, await _cards(session, case), await _notifications(session, case))


def whole(case: Case, found: Facts, traces: api.Traces) -> api.WholeCase:
    return api.WholeCase(
        progress=found.progress,
        revision=case.revision,
        agency=case.agency,
        division=case.division,
        receiving_unit=case.receiving_unit,
        delivering_unit=case.delivering_unit,
        dues=found.dues,
        cards=found.cards,
        notifications=found.notifications,
        traces=traces,
    )


async def timeline(session: ReadSession, case: Case) -> api.CaseTimeline:
    """Without officers, cards and traces."""
    running = await dues(session, case)
    course = await steps(session, case, for_handler=False)
    return api.CaseTimeline(progress=presented(case, running, course), dues=running, notifications=await _notifications(session, case))


async def _cards(session: ReadSession, case: Case) -> list[api.Card]:
    rows = await session.execute(select(cards).where(cards.c.case_id == case.id).order_by(cards.c.raised_at, cards.c.id))
    return [api.Card(rule=row.rule, colour=row.colour, raised_at=row.raised_at, answered_at=row.answered_at) for row in rows]


async def _notifications(session: ReadSession, case: Case) -> list[api.Notification]:
    rows = await session.execute(select(notifications).where(notifications.c.case_id == case.id).order_by(notifications.c.id))
    return [
        api.Notification(
            event=row.act,
            zh=Act(row.act).zh,
            en=Act(row.act).en,
            channel=row.channel,
            state=row.state,
            attempts=row.attempts,
            made_at=row.made_at,
            sent_at=row.sent_at,
            delivered_at=row.delivered_at,
            failure=row.failure,
        )
        for row in rows
    ]
