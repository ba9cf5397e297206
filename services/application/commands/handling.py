"""The agency's side at both ends: one notice, acceptance or its refusal, decision."""

from datetime import datetime
from typing import Any

from chassis import working_days
from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.application import CaseAccepted, CaseCorrectionRequested, CaseGranted, CaseRefused
from contracts.values import CaseNumber, OfficerId
from services.application.commands import outcome
from services.application.commands.cards import raise_card
from services.application.commands.moving import handle, move
from services.application.domain.case import Case, Citation, IntakeRefusal, Notice, Scope, Way
from services.application.domain.lifecycle import MESH, UNATTENDED, Act, Actor, Role
from services.application.domain.supervision import RuleCode
from services.application.repository import Cases


async def request_correction(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    notice: Notice,
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    revision: int | None = None,
) -> Case:
    """一次性告知. Raises NoSuchCase, CaseHasChanged, CaseNotAwaitingIntake, CorrectionWasRequested."""

    def told(case: Case) -> Case:
        return case.request_correction(notice)

    case = await handle(
        session, number, scope, Act.REQUEST_CORRECTION, told, sealer, role=Role.CLERK, by=by, at=at, revision=revision, note=notice.text
    )
    event = CaseCorrectionRequested(number=number, agency=case.agency, requested_by=by)
    await publish(session, event, at=at, trace=case.trace)
    return case


async def accept(
    session: WriteSession, number: CaseNumber, scope: Scope, sealer: Sealer, *, by: OfficerId, at: datetime, revision: int | None = None
) -> Case:
    """受理: the promise starts to count. Raises NoSuchCase, CaseHasChanged, CaseNotAwaitingIntake."""

    def accepted(case: Case) -> Case:
        return case.accept(by=by, at=at, calendar=working_days.known())

    case = await handle(session, number, scope, Act.ACCEPT, accepted, sealer, role=Role.CLERK, by=by, at=at, revision=revision)
    await publish(session, CaseAccepted(number=number, accepted_by=by, accepted_at=at), at=at, trace=case.trace)
    return case


async def deem_accepted(session: WriteSession, case: Case, sealer: Sealer, *, received_at: datetime, at: datetime) -> Case:
    """视为受理 from the day of receipt, because no notice came in time. The case is locked by the caller. Source: 行政许可法 Art. 32(4)."""
    deemed = case.deem_accepted(received_at=received_at, calendar=working_days.known())
    moved = await move(session, case, deemed, Act.DEEM_ACCEPTED, sealer, by=MESH, at=at)
    event = CaseAccepted(number=case.number, accepted_by=UNATTENDED, accepted_at=received_at)
    await publish(session, event, at=at, trace=case.trace)
    return moved


async def refuse_intake(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    refusal: IntakeRefusal,
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    reason: str,
    grounds: tuple[Citation, ...] = (),
    revision: int | None = None,
) -> Case:
    """不予受理. Raises NoSuchCase, CaseHasChanged, CaseNotAwaitingIntake."""

    def refused(case: Case) -> Case:
        return case.refuse_intake(refusal, reason=reason, at=at, grounds=grounds)

    case = await handle(
        session, number, scope, Act.REFUSE_INTAKE, refused, sealer, role=Role.CLERK, by=by, at=at, revision=revision, note=reason
    )
    await check_reasons(session, case, at=at)
    return case


async def check_reasons(session: WriteSession, case: Case, *, at: datetime) -> None:
    """What comes by other doors than ours may lack them: that is a card."""
    if not (case.reason or "").strip():
        await raise_card(session, case, RuleCode.R06, at=at, note="未说明理由 no reasons were given")


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
    revision: int | None = None,
    way: Way = "download",
) -> Case:
    """准予; `content` is what the certificate will say, and `way` how the result goes out.

    Raises NoSuchCase, CaseHasChanged, CaseNotAwaitingDecision, and as `Case.grant` does.
    """
    waiting = await Cases(session, sealer).within(number, scope, act=Act.GRANT, lock=True)
    waiting.check_revision(revision)
    reviewed = await _reviewed(session, waiting, sealer, by=by, at=at)
    case = await granted(session, reviewed, content, sealer, decided_by=by, by=_decider(reviewed, by), at=at, reason=reason)
    if way != "download":
        return await move(session, case, case.produce(), Act.PRODUCE, sealer, by=MESH, at=at)
    return case if case.awaits_certificate else await outcome.close(session, case, sealer, at=at)


async def granted(
    session: WriteSession,
    reviewed: Case,
    content: dict[str, Any],
    sealer: Sealer,
    *,
    decided_by: OfficerId,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> Case:
    """What every grant leaves, an officer's and a table's. The case is under review. Raises as `Case.grant` does."""
    moved = reviewed.grant(by=decided_by, at=at, reason=reason)
    case = await move(session, reviewed, moved, Act.GRANT, sealer, by=by, at=at, note=reason)
    await Cases(session, sealer).put_result(case, content)
    event = CaseGranted(
        number=case.number,
        task_code=case.task_code,
        agency=case.agency,
        division=case.division,
        decided_by=decided_by,
        decided_at=at,
        certificate_type=case.certificate_type,
        organisation_id=case.applicant.organisation,
    )
    await publish(session, event, at=at, trace=case.trace)
    return case


async def refuse(
    session: WriteSession,
    number: CaseNumber,
    scope: Scope,
    sealer: Sealer,
    *,
    by: OfficerId,
    at: datetime,
    reason: str | None,
    grounds: tuple[Citation, ...] = (),
    revision: int | None = None,
    way: Way = "download",
) -> Case:
    """不予, which closes the case unless it is handed out in another `way`. Raises as `grant` does."""
    waiting = await Cases(session, sealer).within(number, scope, act=Act.REFUSE, lock=True)
    waiting.check_revision(revision)
    reviewed = await _reviewed(session, waiting, sealer, by=by, at=at)
    refused = reviewed.refuse(by=by, at=at, reason=reason, grounds=grounds)
    case = await move(session, reviewed, refused, Act.REFUSE, sealer, by=_decider(reviewed, by), at=at, note=reason)
    event = CaseRefused(number=number, task_code=case.task_code, agency=case.agency, decided_by=by, decided_at=at)
    await publish(session, event, at=at, trace=case.trace)
    await check_reasons(session, case, at=at)
    return case if way != "download" else await outcome.close(session, case, sealer, at=at)


async def _reviewed(session: WriteSession, case: Case, sealer: Sealer, *, by: OfficerId, at: datetime) -> Case:
    reviewed = case.under_review()
    if reviewed is case:
        return case
    return await move(session, case, reviewed, Act.BEGIN_REVIEW, sealer, by=_decider(case, by), at=at)


def _decider(case: Case, by: OfficerId) -> Actor:
    return Actor(Role.DECIDER, case.agency_name, by)
