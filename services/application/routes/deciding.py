"""The agency's side at both ends of a case: taken in or not, granted or not, and out of the house."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Body, Response

from chassis.database import WriteSession
from chassis.http import Audience, Database, Router, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import CaseNumber
from services.application.commands import ending, handling, tolerance
from services.application.domain import guide
from services.application.domain.case import Case, Citation, Delivery, IntakeRefusal, Notice
from services.application.domain.intake import FieldValue, ResultIsNotValid, check_notice, result_of
from services.application.domain.lifecycle import Act, Role
from services.application.domain.supervision import RuleCode
from services.application.neighbours import Asked as Questions
from services.application.queries.consents import usable_values
from services.application.repository import Cases
from services.application.routes.dependencies import Asked
from services.application.routes.desk import Desk, guide_of

router = Router()

_ACCEPT = guard(Permission.CASE_ACCEPT, audience=Audience.PARTY)
_TERMINATE = guard(Permission.CASE_TERMINATE, audience=Audience.PARTY)
_DELIVER = guard(Permission.CASE_DELIVER, audience=Audience.PARTY)
NOTHING: Any = Body(default_factory=api.OfficerAct)
Plain = Annotated[api.OfficerAct, NOTHING]
"""A body may say which revision was read, and may be left out."""
HandedOver = Annotated[api.HandOver, Body(default_factory=api.HandOver)]


@router.post("/cases/{number}/prereview", response_model=api.Case, **_ACCEPT)
async def begin_prereview(number: CaseNumber, desk: Desk, body: Plain) -> Response:
    """Begin to look at what was handed in online."""
    return await desk.do(number, Act.BEGIN_PREREVIEW, Role.CLERK, Case.begin_prereview, body)


@router.post(
    "/cases/{number}/correction-requests",
    response_model=api.Case,
    **guard(Permission.CASE_REQUEST_CORRECTION, audience=Audience.PARTY),
)
async def request_correction(number: CaseNumber, body: api.RequestCorrection, desk: Desk, asked: Asked) -> Response:
    """Tell the applicant, once, everything that is to be supplied, and nothing that the guide does not ask for."""
    case, values = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R07):
        cites = guide.cited(definition, [*guide.materials(body.materials), *body.cites], fields=body.fields)
        check_notice(definition, values, body.materials, body.fields)
        notice = Notice(body.text, tuple(body.materials), tuple(body.fields), desk.now, cites)

        async def work(session: WriteSession) -> Case:
            said = (session, number, desk.scope, notice, desk.sealer)
            return await handling.request_correction(*said, by=desk.officer, at=desk.now, revision=body.revision)

        return await desk.answer(work)


@router.post("/cases/{number}/acceptance", response_model=api.Case, **_ACCEPT)
async def accept(number: CaseNumber, desk: Desk, body: Plain) -> Response:
    """Accept a case; its promise counts from the next working day."""

    async def work(session: WriteSession) -> Case:
        return await handling.accept(session, number, desk.scope, desk.sealer, by=desk.officer, at=desk.now, revision=body.revision)

    return await desk.answer(work)


@router.post("/cases/{number}/intake-refusal", response_model=api.Case, **_ACCEPT)
async def refuse_intake(number: CaseNumber, body: api.RefuseIntake, desk: Desk, asked: Asked) -> Response:
    """Do not take a case in, with reasons, and with the right agency where that is another."""
    case, _ = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R06):
        grounds = guide.cited(definition, body.cites)
    refusal = IntakeRefusal(body.kind, body.agency, body.agency_name)

    async def work(session: WriteSession) -> Case:
        said = (session, number, desk.scope, refusal, desk.sealer)
        return await handling.refuse_intake(
            *said, by=desk.officer, at=desk.now, reason=body.reason, grounds=grounds, revision=body.revision
        )

    return await desk.answer(work)


@router.post("/cases/{number}/decision", response_model=api.Case, **guard(Permission.CASE_DECIDE, audience=Audience.PARTY))
async def decide(number: CaseNumber, body: api.Decide, desk: Desk, database: Database, asked: Asked) -> Response:
    """Grant or refuse, by another officer than those who accepted and reviewed."""
    at = desk.now
    async with database.reading() as reading:
        case = await Cases(reading, desk.sealer).within(number, desk.scope, act=Act.GRANT)
        values = await usable_values(reading, case, desk.sealer)
    # Only now: a twin that ended before the case was read is found here, not refused for the state it left behind.
    if earlier := await desk.stored():
        return earlier
    if body.outcome == "grant":
        return await _grant(case, body, values, desk, asked, at)
    grounds: tuple[Citation, ...] = ()
    if body.cites:
        definition = await guide_of(asked, case)
        async with desk.supervised(case, RuleCode.R06):
            grounds = guide.cited(definition, body.cites)

    async def work(session: WriteSession) -> Case:
        said = (session, number, desk.scope, desk.sealer)
        return await handling.refuse(
            *said, by=desk.officer, at=at, reason=body.reason, grounds=grounds, revision=body.revision, way=body.delivery
        )

    return await desk.answer(work)


async def _grant(case: Case, body: api.Decide, values: Sequence[FieldValue], desk: Desk, asked: Questions, at: datetime) -> Response:
    # Refused here already, so that nobody is asked about a decision that may not be made.
    case.check_revision(body.revision)
    case.under_review().grant(by=desk.officer, at=at, reason=body.reason)
    content = result_of(values, body.content)
    if case.certificate_type and (errors := await asked.content_errors(case.certificate_type, content)):
        raise ResultIsNotValid(errors=errors)

    async def work(session: WriteSession) -> Case:
        said = (session, case.number, desk.scope, content, desk.sealer)
        return await handling.grant(*said, by=desk.officer, at=at, reason=body.reason, revision=body.revision, way=body.delivery)

    return await desk.answer(work)


@router.post("/cases/{number}/production", response_model=api.Case, **_DELIVER)
async def produce(number: CaseNumber, desk: Desk, body: Plain) -> Response:
    """Begin to make the result on paper."""
    return await desk.do(number, Act.PRODUCE, Role.WINDOW, Case.produce, body)


@router.post("/cases/{number}/delivery", response_model=api.Case, **_DELIVER)
async def deliver(number: CaseNumber, body: api.Deliver, desk: Desk) -> Response:
    """The result is on its way."""
    delivery = Delivery(body.way, desk.now, body.tracking)
    return await desk.do(number, Act.DELIVER, Role.WINDOW, lambda case: case.deliver(delivery), body, note=body.tracking)


@router.post("/cases/{number}/closure", response_model=api.Case, **_DELIVER)
async def close(number: CaseNumber, desk: Desk, body: HandedOver) -> Response:
    """The result has arrived, or was handed out at a window: whichever of the city's the applicant chose."""

    async def work(session: WriteSession) -> Case:
        said = (session, number, desk.scope, body, desk.sealer)
        return await ending.hand_over(*said, by=desk.officer, unit=desk.agency, at=desk.now)

    return await desk.answer(work)


@router.post("/cases/{number}/archive", response_model=api.Case, **_DELIVER)
async def archive(number: CaseNumber, body: api.Archive, desk: Desk) -> Response:
    """Put a case that is over into the archive, for so many years."""
    at = desk.now
    return await desk.do(number, Act.ARCHIVE, Role.WINDOW, lambda case: case.archive(body.retention, at=at), body, note=body.retention)


@router.post("/cases/{number}/termination", response_model=api.Case, **_TERMINATE)
async def terminate(number: CaseNumber, body: api.Terminate, desk: Desk) -> Response:
    """End a case that cannot be decided, and say why."""

    async def work(session: WriteSession) -> Case:
        said = (session, number, desk.scope, body.cause, desk.sealer)
        return await tolerance.terminate(*said, by=desk.officer, at=desk.now, reason=body.reason, revision=body.revision)

    return await desk.answer(work)


@router.post("/cases/{number}/supply-extension", response_model=api.Case, **_TERMINATE)
async def extend_supply(number: CaseNumber, body: api.ExtendSupply, desk: Desk) -> Response:
    """Let a case go on although what was to follow did not follow in time, and say until when it may."""

    async def work(session: WriteSession) -> Case:
        said = (session, number, desk.scope, desk.sealer)
        days, reason = body.working_days, body.reason
        return await tolerance.go_on(*said, by=desk.officer, at=desk.now, working_days=days, reason=reason, revision=body.revision)

    return await desk.answer(work)


@router.post("/cases/{number}/fees", response_model=api.Case, **_ACCEPT)
async def ask_fee(number: CaseNumber, body: api.AskFee, desk: Desk, asked: Asked) -> Response:
    """Tell the applicant of a fee that is to be paid. It is in the published list of the version that the case runs under, or it is refused
    and raises a red card."""
    case, _ = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R10, f"{body.name} {body.amount_fen / 100:.2f} CNY"):
        fee = guide.published_fee(definition, body.name, amount_fen=body.amount_fen, at=desk.now)
    return await desk.do(
        number, Act.ASK_FEE, Role.CLERK, lambda each: each.ask_fee(fee), body, note=f"{fee.text} {fee.amount_fen / 100:.2f}"
    )
