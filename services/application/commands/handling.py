"""The agency's side: one notice, acceptance, decision."""

from datetime import datetime
from typing import Any

from chassis import working_days
from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.events.application import CaseAccepted, CaseCorrectionRequested, CaseGranted, CaseRefused
from contracts.values import CaseNumber, OfficerId
from services.application.commands import outcome
from services.application.domain.case import Act, Case, Notice, Scope
from services.application.repository import Cases, add_step


async def request_correction(
    session: WriteSession, number: CaseNumber, scope: Scope, wanted: api.RequestCorrection, sealer: Sealer, *, by: OfficerId, at: datetime
) -> Case:
    """一次性告知. Raises NoSuchCase, CaseNotAwaitingIntake, CorrectionWasRequested."""
    cases = Cases(session, sealer)
    notice = Notice(wanted.text, tuple(wanted.materials), tuple(wanted.fields), at)
    case = (await cases.within(number, scope, lock=True)).request_correction(notice)
    await cases.save(case)
    await add_step(session, case, Act.REQUEST_CORRECTION, by=case.agency_name, at=at, officer=by, note=notice.text)
    event = CaseCorrectionRequested(number=number, agency=case.agency, requested_by=by)
    await publish(session, event, at=at, trace=case.trace)
    return case


async def accept(session: WriteSession, number: CaseNumber, scope: Scope, sealer: Sealer, *, by: OfficerId, at: datetime) -> Case:
    """受理: the promise starts to count. Raises NoSuchCase, CaseNotAwaitingIntake."""
    cases = Cases(session, sealer)
    case = (await cases.within(number, scope, lock=True)).accept(by=by, at=at, calendar=working_days.known())
    await cases.save(case)
    await add_step(session, case, Act.ACCEPT, by=case.agency_name, at=at, officer=by)
    await publish(session, CaseAccepted(number=number, accepted_by=by, accepted_at=at), at=at, trace=case.trace)
    return case


async def grant(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    content: dict[str, Any],
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    reason: str | None,
) -> Case:
    """准予; `content` is what the certificate will say. Raises NoSuchCase, CaseNotAwaitingDecision, SameOfficerMayNotDecide."""
    cases = Cases(session, sealer)
    case = (await cases.within(number, scope, lock=True)).grant(by=by, at=at, reason=reason)
    await cases.save(case)
    await cases.put_result(case, content)
    await add_step(session, case, Act.GRANT, by=case.agency_name, at=at, officer=by, note=reason)
    event = CaseGranted(
        number=number,
        task_code=case.task_code,
        agency=case.agency,
        division=case.division,
        decided_by=by,
        decided_at=at,
        certificate_type=case.certificate_type,
        organisation_id=case.applicant.organisation,
    )
    await publish(session, event, at=at, trace=case.trace)
    return case if case.awaits_certificate else await outcome.close(session, case, sealer, at=at)


async def refuse(
    session: WriteSession, number: CaseNumber, scope: Scope, sealer: Sealer, *, by: OfficerId, at: datetime, reason: str | None
) -> Case:
    """不予, which closes the case. Raises as `grant` does."""
    cases = Cases(session, sealer)
    case = (await cases.within(number, scope, lock=True)).refuse(by=by, at=at, reason=reason)
    await cases.save(case)
    await add_step(session, case, Act.REFUSE, by=case.agency_name, at=at, officer=by, note=reason)
    event = CaseRefused(number=number, task_code=case.task_code, agency=case.agency, decided_by=by, decided_at=at)
    await publish(session, event, at=at, trace=case.trace)
    return await outcome.close(session, case, sealer, at=at)
