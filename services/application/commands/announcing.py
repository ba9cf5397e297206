"""The end of a case that nobody granted or refused, told to the mesh: whoever counts on a result need not wait for one."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from contracts.events import Event
from contracts.events.application import CaseNotAccepted, CaseTerminated, CaseWithdrawn
from services.application.domain.case import Case
from services.application.domain.lifecycle import Act


async def announce_end(session: WriteSession, case: Case, act: Act, *, at: datetime) -> None:
    """In the transaction of the act, by whichever door it came; for acts that end nothing it costs nothing."""
    if (event := _ended(case, act, at)) is not None:
        await publish(session, event, at=at, trace=case.trace)


def _ended(case: Case, act: Act, at: datetime) -> Event | None:
    if act is Act.WITHDRAW:
        return CaseWithdrawn(number=case.number, task_code=case.task_code, agency=case.agency, division=case.division, ended_at=at)
    if act is Act.TERMINATE:
        return CaseTerminated(number=case.number, task_code=case.task_code, agency=case.agency, division=case.division, ended_at=at)
    refusal = case.intake_refusal
    if act is not Act.REFUSE_INTAKE or refusal is None:
        return None
    return CaseNotAccepted(
        number=case.number,
        task_code=case.task_code,
        agency=case.agency,
        division=case.division,
        kind=refusal.kind,
        ended_at=at,
        right_agency=refusal.agency,
    )
