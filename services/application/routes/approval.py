"""Automatic approval 秒批: why a table granted a case or did not, the switch of each table, and what officers find afterwards."""

from typing import Annotated

from fastapi import Path, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import BasicCode, CaseNumber, Grade
from services.application.commands import approval
from services.application.queries import approval as queries
from services.application.queries.presented import presented
from services.application.repository import Cases
from services.application.repository.approval import Approvals
from services.application.routes.dependencies import Applicant, Asked, Within, disclosed

router = Router()

Number = Annotated[CaseNumber, Path()]
_HANDLE = guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.SENSITIVE)
_SWITCH = guard(Permission.APPROVAL_SWITCH, audience=Audience.PARTY)


@router.get(
    "/cases/{number}/automatic-decision", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.SENSITIVE)
)
async def mine(
    number: Number, applicant: Applicant, database: Database, sealer: Sealer, asked: Asked, response: Response
) -> api.AutomaticDecision:
    """What the table said of my case, and from which facts."""
    async with database.reading() as session:
        case = await Cases(session, sealer).of_applicant(number, applicant)
        kept = await Approvals(session, sealer).of_case(case)
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    found = queries.presented(case, kept, definition)
    disclosed(response, applicant, purpose=number, grade=Grade.SENSITIVE, items=[each.zh for each in found.facts])
    return found


@router.post(
    "/cases/{number}/officer-request",
    response_model=api.Case,
    **guard(Permission.CASE_CORRECT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def ask_for_officer(number: Number, applicant: Applicant, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Have an officer look at what a table granted me."""

    async def work(session: WriteSession) -> api.Case:
        return presented(await approval.ask_for_officer(session, number, applicant, sealer, at=clock.now()))

    return disclosed(await once.answer(work), applicant, purpose=number, items=("办件 case",))


@router.get("/cases/{number}/automatic-evaluation", **_HANDLE)
async def one(number: Number, scope: Within, database: Database, sealer: Sealer, asked: Asked, response: Response) -> api.AutomaticDecision:
    """What the table said of a case of ours, in shadow mode too."""
    async with database.reading() as session:
        case = await Cases(session, sealer).within(number, scope)
        kept = await Approvals(session, sealer).of_case(case)
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    found = queries.presented(case, kept, definition)
    disclosed(response, case.applicant, purpose=number, grade=Grade.SENSITIVE, items=[each.zh for each in found.facts])
    return found


@router.get("/automatic-approvals", **_SWITCH)
async def switches(scope: Within, database: Database, sealer: Sealer) -> list[api.ApprovalSwitch]:
    """Which mode each of our tables is in, and every stop."""
    async with database.reading() as session:
        return await queries.switches(session, scope.unit, sealer)


@router.put("/automatic-approvals/{basic_code}", status_code=204, **_SWITCH)
async def switch(
    basic_code: Annotated[BasicCode, Path()],
    body: api.SwitchApproval,
    scope: Within,
    caller: Caller,
    database: Database,
    clock: Clock,
    sealer: Sealer,
) -> None:
    """Put a table of ours into shadow mode, live after that (by another officer, once some cases were compared), or off at once."""
    async with database.transaction() as session:
        await approval.switch_to(session, scope, basic_code, body, sealer, by=caller.required_officer(), at=clock.now())


@router.post("/automatic-approvals/stop", status_code=204, **_SWITCH)
async def stop(body: api.StopApprovals, scope: Within, caller: Caller, database: Database, clock: Clock) -> None:
    """Stop all our tables at once, or end the stop: each is then in the mode that it was in."""
    async with database.transaction() as session:
        await approval.stop(session, scope.unit, body, by=caller.required_officer(), at=clock.now())


@router.post("/automatic-approvals/city-stop", status_code=204, **guard(Permission.APPROVAL_STOP, audience=Audience.OPERATOR))
async def city_stop(body: api.StopApprovals, caller: Caller, database: Database, clock: Clock) -> None:
    """Stop all tables of the city at once, or end the stop."""
    async with database.transaction() as session:
        await approval.stop(session, None, body, by=caller.required_officer(), at=clock.now())


@router.get("/automatic-approvals/rechecks", **_HANDLE)
async def rechecks(scope: Within, database: Database) -> list[api.WaitingRecheck]:
    """Automatic grants of ours that wait to be looked at again: samples, and those whose applicant asked for a person."""
    async with database.reading() as session:
        return await queries.waiting(session, scope)


@router.post("/cases/{number}/recheck", status_code=204, **guard(Permission.CASE_DECIDE, audience=Audience.PARTY))
async def recheck(
    number: Number, body: api.Recheck, scope: Within, caller: Caller, database: Database, clock: Clock, sealer: Sealer
) -> None:
    """Say whether an officer would have granted it. What follows from a no is the agency's to begin."""
    async with database.transaction() as session:
        await approval.recheck(session, number, scope, body, sealer, by=caller.required_officer(), at=clock.now())


@router.get("/automatic-approvals/{basic_code}/report", **_HANDLE)
async def report(basic_code: Annotated[BasicCode, Path()], scope: Within, database: Database) -> api.ApprovalReport:
    """How a table does beside officers, row by row, and whom it grants."""
    async with database.reading() as session:
        return await queries.report(session, scope, basic_code)
