import asyncio
import contextlib
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.database import WriteSession
from chassis.errors import ServiceError, Unavailable
from chassis.http import Audience, Caller, Clock, Database, LightRouter, Once, Router, Sealer, guard
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.api.certificate import Holding
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, ConsentId, Grade, TaskCode
from services.application.commands import ending, intake, supplies
from services.application.domain.channels import channel_of
from services.application.domain.intake import check_given
from services.application.domain.materials import CERTIFICATES, check_files, check_owed, claimed_down
from services.application.domain.sources import is_obtained
from services.application.queries import cases as queries
from services.application.queries.consents import consents_of
from services.application.queries.forms import form as prefilled
from services.application.queries.materials import owed
from services.application.queries.presented import presented
from services.application.repository import Cases, Files, outages_since, see_outage
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Applicant, Asked, applicant_of, asked_by, disclosed
from services.application.routes.submitting import OpenDesk, Received, desk_of

router = Router()
submissions = LightRouter()


@router.get("/matters/{task_code}/form", **guard(Permission.FORM_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.SENSITIVE))
async def form(
    task_code: TaskCode,
    applicant: Applicant,
    asked: Asked,
    clock: Clock,
    database: Database,
    response: Response,
    situation: Annotated[api.SituationCode | None, Query()] = None,
) -> api.Form:
    """The application form, prefilled with what the city vouches for and since when, and how I may give each material."""
    applicant.check_matter(task_code)
    purpose = f"预填表单 prefill {task_code}"
    definition = await asked.definition(task_code, situation=situation)
    await asked.check_served(applicant, definition)
    types = [each.certificate_type for each in definition.materials if each.certificate_type]

    async def holdings() -> list[Holding] | None:
        try:
            return await asked.holdings(applicant.person, types, purpose=purpose)
        except Unavailable:
            return None

    profile, held = await asyncio.gather(asked.applicant(applicant, purpose=purpose), holdings())
    items = [*(name for name, source in definition.field_sources.items() if not is_obtained(source)), *(each.name for each in held or ())]
    disclosed(response, applicant, purpose=purpose, grade=Grade.SENSITIVE, items=items)
    if held is None:
        # Seen here, it explains an upload in the submission that follows; the form comes also when it cannot be written.
        with contextlib.suppress(ServiceError):
            async with database.transaction() as session:
                await see_outage(session, CERTIFICATES, at=clock.now())
    return prefilled(definition, profile, held, at=clock.now())


@submissions.post(
    "/cases",
    status_code=201,
    response_model=api.Case,
    **guard(Permission.CASE_SUBMIT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def submit(body: api.Submit, caller: Caller, request: Request) -> Response:
    """Submit an application. Every retry under the same Idempotency-Key answers the same case."""
    applicant, desk = await applicant_of(caller), await desk_of(request, caller)
    applicant.check_matter(body.task_code)
    how = Received(channel_of(caller.channel), ending.said_by(applicant), (applicant,))
    return await desk.take_in(body, applicant, await asked_by(caller, request.app.state.mesh), how)


router.include_router(submissions)


@router.post(
    "/cases/{number}/corrections",
    response_model=api.Case,
    **guard(Permission.CASE_CORRECT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def correct(number: CaseNumber, body: api.Correct, applicant: Applicant, asked: Asked, desk: OpenDesk) -> Response:
    """Supply what the notice asked for."""
    at, database, sealer, limit = desk.clock.now(), desk.database, desk.sealer, desk.limits.case_files_bytes
    async with database.reading() as reading:
        case = await Cases(reading, sealer).of_applicant(number, applicant)
    # Only now: a twin that ended before the case was read is found here, not refused for the state it left behind.
    if earlier := await desk.once.stored():
        return earlier
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    async with database.reading() as reading:
        # Before a certificate is used: that cannot be undone.
        await intake.check_correction(reading, case, body, definition, sealer, limit_bytes=limit, at=at)
        down = await outages_since(reading, claimed_down(definition, body.materials), at - desk.limits.outage_explains)
    async with Accounted(asked, database, desk.clock) as account:
        materials, _ = await desk.gathered(asked, applicant, number, definition, body.materials, down, at=at)

        async def work(session: WriteSession) -> api.Case:
            corrected = await intake.correct(session, number, applicant, body, definition, materials, sealer, limit_bytes=limit, at=at)
            await account.tell(session)
            return presented(corrected)

        return await desk.once.answer(work)


@router.post(
    "/cases/{number}/supplies",
    response_model=api.Case,
    **guard(Permission.CASE_CORRECT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def supply(number: CaseNumber, body: api.Supply, applicant: Applicant, asked: Asked, desk: OpenDesk) -> Response:
    """容缺后补: bring what my case was taken in without."""
    at, database, sealer = desk.clock.now(), desk.database, desk.sealer
    async with database.reading() as reading:
        case = await Cases(reading, sealer).of_applicant(number, applicant)
    if earlier := await desk.once.stored():
        return earlier
    supplies.check_open(case)
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    async with database.reading() as reading:
        check_owed(await Cases(reading, sealer).materials(case), body.materials)
        check_given(definition.materials, body.materials)
        files = await Files(reading, sealer).known([applicant], intake.file_ids(body.materials))
        check_files(definition, body.materials, files, limit_bytes=desk.limits.case_files_bytes)
        down = await outages_since(reading, claimed_down(definition, body.materials), at - desk.limits.outage_explains)
    async with Accounted(asked, database, desk.clock) as account:
        materials, _ = await desk.gathered(asked, applicant, number, definition, body.materials, down, at=at)

        async def work(session: WriteSession) -> api.Case:
            supplied, now = await supplies.supply(session, number, applicant, body.materials, materials, sealer, at=at)
            await account.tell(session)
            return presented(supplied, missing=owed(now, local_day(at)))

        return await desk.once.answer(work)


@router.post(
    "/cases/{number}/withdrawal",
    response_model=api.Case,
    **guard(Permission.CASE_WITHDRAW, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def withdraw(number: CaseNumber, body: api.Withdraw, applicant: Applicant, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Take my application back, before it is decided."""

    async def work(session: WriteSession) -> api.Case:
        return presented(await ending.withdraw(session, number, applicant, sealer, at=clock.now(), reason=body.reason))

    return await once.answer(work)


@router.post(
    "/cases/{number}/hearing-request",
    response_model=api.Case,
    **guard(Permission.CASE_REQUEST_HEARING, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def request_hearing(
    number: CaseNumber, body: api.RequestHearing, applicant: Applicant, clock: Clock, once: Once, sealer: Sealer
) -> Response:
    """Ask for the hearing that I was told of, within five working days."""

    async def work(session: WriteSession) -> api.Case:
        return presented(await ending.request_hearing(session, number, applicant, sealer, at=clock.now(), reason=body.reason))

    return await once.answer(work)


@router.get("/cases", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def mine(
    applicant: Applicant, database: Database, response: Response, before: CaseNumber | None = None, running: bool = False
) -> Page[api.CaseSummary]:
    """My cases, newest first; `running` leaves out those that are decided."""
    async with database.reading() as session:
        found = await queries.mine(session, applicant, before=before, running=running)
    if applicant.actor and found.items:
        disclosed(response, applicant, purpose="代办查询 by mandate", items=("办件 cases",))
    return found


@router.get("/cases/{number}", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def one(number: CaseNumber, applicant: Applicant, database: Database, clock: Clock, sealer: Sealer, response: Response) -> api.Case:
    """My case with every step so far."""
    async with database.reading() as session:
        found = await queries.for_applicant(session, number, applicant, sealer, today=local_day(clock.now()))
    if applicant.actor:
        disclosed(response, applicant, purpose=number, items=("办件 case",))
    return found


@router.get("/consents", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def consents(applicant: Applicant, database: Database, response: Response, before: ConsentId | None = None) -> Page[api.Consent]:
    """For which cases and purposes I let certificates of mine be used, newest first."""
    async with database.reading() as session:
        found = await consents_of(session, applicant, before=before)
    if applicant.actor and found.items:
        disclosed(response, applicant, purpose="代办查询 by mandate", items=("授权用证 consents",))
    return found
