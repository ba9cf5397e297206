"""How far a case is: for its applicant, and for whoever has its slip."""

import asyncio
from typing import Annotated

from fastapi import Path, Response

from chassis.http import Audience, Clock, Database, Router, Sealer, guard
from chassis.telemetry import trace_id_of
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import CaseNumber, Grade
from services.application.commands import slips
from services.application.domain.sight import SlipIsRefused
from services.application.queries import whole
from services.application.queries.progress import progress
from services.application.repository import Cases
from services.application.routes.dependencies import Applicant, Traced, Within, disclosed

router = Router()

Number = Annotated[CaseNumber, Path()]


@router.post("/progress", **guard(Permission.PROGRESS_READ, audience=Audience.OPEN, grade=Grade.INTERNAL))
async def by_slip(body: api.AskProgress, database: Database, clock: Clock, sealer: Sealer) -> api.Progress:
    """By the number and the password of a slip, without signing in. A password that is wrong too often locks the slip for a while."""
    async with database.transaction() as session:
        number = await slips.shown(session, body, sealer, at=clock.now())
    if number is None:
        raise SlipIsRefused
    async with database.reading() as session:
        return await progress(session, await Cases(session, sealer).numbered(number))


@router.post("/cases/{number}/slip", **guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.INTERNAL))
async def slip(number: Number, scope: Within, database: Database, clock: Clock, sealer: Sealer) -> api.Slip:
    """What a hall prints for the applicant; printed again it is the same."""
    async with database.transaction() as session:
        await Cases(session, sealer).within(number, scope)
        return await slips.make(session, number, sealer, at=clock.now())


@router.get("/cases/{number}/progress", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def of_mine(number: Number, applicant: Applicant, database: Database, sealer: Sealer, response: Response) -> api.Progress:
    """How far my case is, and what it waits for."""
    async with database.reading() as session:
        found = await progress(session, await Cases(session, sealer).of_applicant(number, applicant))
    if applicant.actor:
        disclosed(response, applicant, purpose=number, items=("办件进度 progress",))
    return found


@router.get("/cases/{number}/timeline", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def timeline(number: Number, applicant: Applicant, database: Database, sealer: Sealer, response: Response) -> api.CaseTimeline:
    """My case with its steps, its dues, and of what I was told."""
    async with database.reading() as session:
        found = await whole.timeline(session, await Cases(session, sealer).of_applicant(number, applicant))
    if applicant.actor:
        disclosed(response, applicant, purpose=number, items=("办件全程 timeline",))
    return found


@router.get("/cases/{number}/whole", **guard(Permission.CASE_OVERSEE, audience=Audience.OPERATOR, grade=Grade.INTERNAL))
async def everything(number: Number, database: Database, sealer: Sealer, traces: Traced) -> api.WholeCase:
    """All that happened to a case: steps, clock, cards, what districts, departments and supervisors were told with every attempt,
    messages, and the traces of every request made for it.

    Nothing in it says whose it is. While the back end of traces is away, links stand in for them.
    """
    async with database.reading() as session:
        case = await Cases(session, sealer).numbered(number)
        # What is kept elsewhere is looked for meanwhile: neither waits for the other.
        looking = asyncio.create_task(traces.of_case(number, trace_id_of(case.trace)))
        found = await whole.facts(session, case)
    return whole.whole(case, found, await looking)
