"""The whole of one case, for the operators and, without what is not theirs, for its applicant."""

from dataclasses import dataclass

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import application as api
from services.application.domain.case import Case
from services.application.domain.telling import event_of
from services.application.queries.cases import steps
from services.application.queries.deliveries import deliveries_of
from services.application.queries.dispatches import announced
from services.application.queries.progress import presented
from services.application.queries.returned import notices_of
from services.application.queries.supervision import cards_of, clock_of
from services.application.tables import notifications


@dataclass(frozen=True, slots=True)
class Facts:
    progress: api.Progress
    clock: api.CaseClock | None
    cards: list[api.Card]
    announced: list[api.Announced]
    deliveries: list[api.Delivery]
    notices: list[api.PermitNotice]
    notifications: list[api.Notification]


async def facts(session: ReadSession, case: Case) -> Facts:
    running = await clock_of(session, case.id)
    course = await steps(session, case, for_handler=True)
    return Facts(
        progress=presented(case, running, course),
        clock=running,
        cards=await cards_of(session, case.id),
        announced=await announced(session, case.number),
        deliveries=await deliveries_of(session, case.number),
        notices=await notices_of(session, case.number),
        notifications=await _notifications(session, case),
    )


def whole(case: Case, found: Facts, traces: api.Traces) -> api.WholeCase:
    return api.WholeCase(
        progress=found.progress,
        revision=case.revision,
        agency=case.agency,
        division=case.division,
        receiving_unit=case.receiving_unit,
        delivering_unit=case.delivering_unit,
        clock=found.clock,
        cards=found.cards,
        announced=found.announced,
        deliveries=found.deliveries,
        notices=found.notices,
        notifications=found.notifications,
        traces=traces,
    )


async def timeline(session: ReadSession, case: Case) -> api.CaseTimeline:
    """Without officers, cards and traces."""
    running = await clock_of(session, case.id)
    course = await steps(session, case, for_handler=False)
    return api.CaseTimeline(progress=presented(case, running, course), clock=running, notifications=await _notifications(session, case))


async def _notifications(session: ReadSession, case: Case) -> list[api.Notification]:
    rows = await session.execute(select(notifications).where(notifications.c.case_id == case.id).order_by(notifications.c.id))
    return [
        api.Notification(
            event=row.act,
            zh=event_of(row.act).zh,
            en=event_of(row.act).en,
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
