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
from services.application.commands.moving import move
from services.application.domain.case import Case, Notice, Scope
from services.application.domain.lifecycle import Act, Actor, Role
from services.application.repository import Cases


async def request_correction(
    session: WriteSession, number: CaseNumber, scope: Scope, wanted: api.RequestCorrection, sealer: Sealer, *, by: OfficerId, at: datetime
) -> Case:
    """一次性告知. Raises NoSuchCase, CaseNotAwaitingIntake, CorrectionWasRequested."""
    cases = Cases(session, sealer)
    notice = Notice(wanted.text, tuple(wanted.materials), tuple(wanted.fields), at)
    waiting = await cases.within(number, scope, lock=True)
    clerk = Actor(Role.CLERK, waiting.agency_name, by)
    told = waiting.request_correction(notice)
    case = await move(session, waiting, told, Act.REQUEST_CORRECTION, sealer, by=clerk, at=at, note=notice.text)
    event = CaseCorrectionRequested(number=number, agency=case.agency, requested_by=by)
    await publish(session, event, at=at, trace=case.trace)
    return case


async def accept(session: WriteSession, number: CaseNumber, scope: Scope, sealer: Sealer, *, by: OfficerId, at: datetime) -> Case:
    """受理: the promise starts to count. Raises NoSuchCase, CaseNotAwaitingIntake."""
    waiting = await Cases(session, sealer).within(number, scope, lock=True)
    accepted = waiting.accept(by=by, at=at, calendar=working_days.known())
    case = await move(session, waiting, accepted, Act.ACCEPT, sealer, by=Actor(Role.CLERK, waiting.agency_name, by), at=at)
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
    reviewed = await _reviewed(session, await cases.within(number, scope, lock=True), sealer, by=by, at=at)
    granted = reviewed.grant(by=by, at=at, reason=reason)
    case = await move(session, reviewed, granted, Act.GRANT, sealer, by=_decider(reviewed, by), at=at, note=reason)
    await cases.put_result(case, content)
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
    reviewed = await _reviewed(session, await Cases(session, sealer).within(number, scope, lock=True), sealer, by=by, at=at)
    refused = reviewed.refuse(by=by, at=at, reason=reason)
    case = await move(session, reviewed, refused, Act.REFUSE, sealer, by=_decider(reviewed, by), at=at, note=reason)
    event = CaseRefused(number=number, task_code=case.task_code, agency=case.agency, decided_by=by, decided_at=at)
    await publish(session, event, at=at, trace=case.trace)
    return await outcome.close(session, case, sealer, at=at)


async def _reviewed(session: WriteSession, case: Case, sealer: Sealer, *, by: OfficerId, at: datetime) -> Case:
    reviewed = case.under_review()
    if reviewed is case:
        return case
    return await move(session, case, reviewed, Act.BEGIN_REVIEW, sealer, by=_decider(case, by), at=at)


def _decider(case: Case, by: OfficerId) -> Actor:
    return Actor(Role.DECIDER, case.agency_name, by)
