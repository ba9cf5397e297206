"""How far a case is, without anything that says whose it is."""

from typing import Any

from sqlalchemy import Row, select

from chassis.database import ReadSession
from chassis.working_days import SHANGHAI
from contracts.api import application as api
from services.application.domain.case import Case
from services.application.domain.waiting import waiting, with_until
from services.application.queries.cases import steps
from services.application.tables import clocks

_TERMS = ("intake", "correction", "step", "promise", "statutory", "suspension", "result")


async def progress(session: ReadSession, case: Case, *, for_handler: bool = False) -> api.Progress:
    return presented(case, await dues(session, case), await steps(session, case, for_handler=for_handler))


def presented(case: Case, dues: api.Dues | None, course: list[api.Step]) -> api.Progress:
    running = next((each for each in case.suspensions if each.until is None), None)
    wait = waiting(case.status, procedure=running.procedure if running else None)
    until = getattr(dues, wait.term) if dues and wait.term else None
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


async def dues(session: ReadSession, case: Case) -> api.Dues | None:
    """None for a case that has no clock."""
    row: Row[Any] | None = (await session.execute(select(clocks).where(clocks.c.case_id == case.id))).one_or_none()
    if row is None:
        return None
    said = row._mapping  # noqa: SLF001 (the public name of it)
    return api.Dues(is_provisional=row.is_provisional, **{term: said[f"{term}_due_at"] for term in _TERMS})
