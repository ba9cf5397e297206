"""How far a case is, without anything that says whose it is."""

from chassis.database import ReadSession
from chassis.working_days import SHANGHAI
from contracts.api import application as api
from services.application.domain.case import Case
from services.application.domain.waiting import waiting, with_until
from services.application.queries.cases import steps
from services.application.queries.supervision import clock_of


async def progress(session: ReadSession, case: Case, *, for_handler: bool = False) -> api.Progress:
    return presented(case, await clock_of(session, case.id), await steps(session, case, for_handler=for_handler))


def presented(case: Case, clock: api.CaseClock | None, course: list[api.Step]) -> api.Progress:
    running = next((each for each in case.suspensions if each.until is None), None)
    wait = waiting(case.status, procedure=running.procedure if running else None)
    until = getattr(clock, f"{wait.term}_due_at") if clock and wait.term else None
    zh, en = with_until(wait, until.astimezone(SHANGHAI) if until else None)
    return api.Progress(
        number=case.number,
        matter_name=case.matter_name,
        agency_name=case.agency_name,
        status=case.status.value,
        status_zh=case.status.zh,
        status_en=case.status.en,
        submitted_at=case.submitted_at,
        due_on=case.due.on if case.due else None,
        is_due_provisional=bool(case.due and case.due.is_provisional),
        waits_for=api.Waiting(whom=wait.whom, zh=zh, en=en, until=until),
        steps=course,
    )
