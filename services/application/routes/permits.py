"""Grants, changes and revocations, for the agency that supervises the field."""

from typing import Annotated

from fastapi import Path, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Id
from services.application.commands import permits as commands
from services.application.domain.case import Case
from services.application.domain.intake import ResultIsNotValid
from services.application.queries import returned as queries
from services.application.routes.dependencies import Asked
from services.application.routes.desk import Desk

router = Router()

Matter = Annotated[str, Path(pattern=r"^([0-9]{12}|\*)$")]
Waiting = Annotated[bool, Query()]


@router.post("/cases/{number}/permit-amendments", response_model=api.Case, **guard(Permission.CASE_AMEND, audience=Audience.PARTY))
async def amend(number: CaseNumber, body: api.AmendPermit, desk: Desk, database: Database, asked: Asked) -> Response:
    """Change, revoke, withdraw or cancel what was granted; its certificate follows."""
    if earlier := await desk.stored():
        return earlier
    if body.content:
        async with database.reading() as reading:
            case, content = await commands.amendable(reading, number, desk.scope, body, desk.sealer)
        if case.certificate_type and (errors := await asked.content_errors(case.certificate_type, content)):
            raise ResultIsNotValid(errors=errors)

    async def work(session: WriteSession) -> Case:
        return await commands.amend(session, number, desk.scope, body, desk.sealer, by=desk.officer, at=desk.now)

    return await desk.answer(work)


@router.get("/permit-notices", **guard(Permission.PERMIT_NOTICE_READ, audience=Audience.PARTY))
async def own(caller: Caller, database: Database, waiting: Waiting = False, after: Id | None = None) -> Page[api.PermitNotice]:
    """What was granted, changed and revoked in our field; with `waiting` only what we have not received."""
    async with database.reading() as session:
        return await queries.permits(session, supervisor=caller.required_agency(), waiting=waiting, after=after)


@router.post(
    "/permit-notices/{notice_id}/receipt",
    response_model=api.PermitNotice,
    **guard(Permission.PERMIT_NOTICE_RECEIVE, audience=Audience.PARTY),
)
async def receive(notice_id: Id, caller: Caller, clock: Clock, once: Once) -> Response:
    """We have it."""
    agency, officer = caller.required_agency(), caller.required_officer()

    async def work(session: WriteSession) -> api.PermitNotice:
        await commands.receive(session, notice_id, agency, by=officer, at=clock.now())
        return await queries.permit(session, notice_id)

    return await once.answer(work)


@router.get("/permit-notices/all", **guard(Permission.PERMIT_NOTICE_READ, audience=Audience.OPERATOR))
async def everywhere(database: Database, waiting: Waiting = False, after: Id | None = None) -> Page[api.PermitNotice]:
    """Of all supervising agencies."""
    async with database.reading() as session:
        return await queries.permits(session, supervisor=None, waiting=waiting, after=after)


@router.put("/permit-supervisors/{matter}", **guard(Permission.PERMIT_SUPERVISOR_SET, audience=Audience.OPERATOR))
async def set_supervisor(matter: Matter, body: api.SetSupervisor, caller: Caller, database: Database, clock: Clock) -> api.Supervisor:
    """Who supervises a matter, by its basic code; `*` for all that have none of their own."""
    async with database.transaction() as session:
        await commands.set_supervisor(session, matter, body.agency, by=caller.required_officer(), at=clock.now())
    return api.Supervisor(matter=matter, agency=body.agency)


@router.put("/permit-supervisors", **guard(Permission.PERMIT_SUPERVISOR_SET, audience=Audience.OPERATOR))
async def set_supervisors(body: api.SetSupervisors, caller: Caller, database: Database, clock: Clock) -> list[api.Supervisor]:
    """Who supervises these matters; others stay as they are."""
    async with database.transaction() as session:
        for each in body.supervisors:
            await commands.set_supervisor(session, each.matter, each.agency, by=caller.required_officer(), at=clock.now())
    return [api.Supervisor(matter=each.matter, agency=each.agency) for each in body.supervisors]
