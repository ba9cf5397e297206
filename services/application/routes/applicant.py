import asyncio
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.database import WriteSession
from chassis.errors import Unavailable
from chassis.http import Audience, Clock, Database, Once, Router, Sealer, guard
from contracts.api import application as api
from contracts.api.certificate import Holding
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, ConsentId, Grade, TaskCode
from services.application.commands import ending, intake
from services.application.domain.intake import check_materials, filled
from services.application.domain.obtained import obtained
from services.application.domain.sources import is_obtained
from services.application.queries import cases as queries
from services.application.queries.consents import consents_of
from services.application.queries.presented import presented
from services.application.repository import Cases
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Applicant, Asked, disclosed

router = Router()

_UPLOAD = guard(Permission.FILE_UPLOAD, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL)
_UPLOAD["openapi_extra"]["requestBody"] = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/png", "image/jpeg", "application/pdf")},
}


@router.post("/files", status_code=201, **_UPLOAD)
async def upload(request: Request, applicant: Applicant, database: Database, clock: Clock, sealer: Sealer) -> api.Stored:
    """Upload a file for a material, at most 1 MiB; the same file again answers the same id."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    async with database.transaction() as session:
        return await intake.store_file(session, applicant, media_type, content, sealer, at=clock.now())


@router.get("/matters/{task_code}/form", **guard(Permission.FORM_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.SENSITIVE))
async def form(
    task_code: TaskCode,
    applicant: Applicant,
    asked: Asked,
    response: Response,
    situation: Annotated[api.SituationCode | None, Query()] = None,
) -> api.Form:
    """The application form, prefilled with what the city vouches for, and how I may give each material."""
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
    return queries.form(definition, profile, held)


@router.post(
    "/cases",
    status_code=201,
    response_model=api.Case,
    **guard(Permission.CASE_SUBMIT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def submit(
    body: api.Submit, applicant: Applicant, database: Database, clock: Clock, once: Once, asked: Asked, sealer: Sealer
) -> Response:
    """Submit an application. Every retry under the same Idempotency-Key answers the same case."""
    applicant.check_matter(body.task_code)
    if earlier := await once.stored():
        return earlier
    at = clock.now()
    definition = await asked.definition(body.task_code, situation=body.situation)
    await asked.check_served(applicant, definition)
    intake.check_version(body, definition)
    check_materials(definition.materials, body.materials)
    async with database.transaction() as session:
        number = await intake.reserve(session, once.request_digest, body, applicant, sealer, at=at)
    async with Accounted(asked, database, clock) as account:
        profile = await asked.applicant(applicant, purpose=number)
        agent_name = await asked.agent_name(applicant, purpose=number)
        values = filled(definition, body.values, profile, at=at)
        copies = await asked.certificate_materials(applicant.person, number, definition, body.materials)
        values = (*values, *obtained(definition, number, copies, at=at))

        async def work(session: WriteSession) -> api.Case:
            case = await intake.submit(
                session, number, definition, applicant, profile, values, body.materials, copies, sealer, at=at, agent_name=agent_name
            )
            await account.tell(session)
            return presented(case)

        answer = await once.answer(work, status=201)
    return disclosed(answer, applicant, purpose=number, items=("申报 submission",))


@router.post(
    "/cases/{number}/corrections",
    response_model=api.Case,
    **guard(Permission.CASE_CORRECT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def correct(
    number: CaseNumber, body: api.Correct, applicant: Applicant, database: Database, clock: Clock, once: Once, asked: Asked, sealer: Sealer
) -> Response:
    """Supply what the notice asked for."""
    at = clock.now()
    async with database.reading() as reading:
        case = await Cases(reading, sealer).of_applicant(number, applicant)
    # Only now: a twin that ended before the case was read is found here, not refused for the state it left behind.
    if earlier := await once.stored():
        return earlier
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    async with database.reading() as reading:
        # Before a certificate is used: that cannot be undone.
        await intake.check_correction(reading, case, body, definition, sealer, at=at)
    async with Accounted(asked, database, clock) as account:
        copies = await asked.certificate_materials(applicant.person, number, definition, body.materials)

        async def work(session: WriteSession) -> api.Case:
            corrected = await intake.correct(session, number, applicant, body, definition, copies, sealer, at=at)
            await account.tell(session)
            return presented(corrected)

        return await once.answer(work)


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
async def one(number: CaseNumber, applicant: Applicant, database: Database, sealer: Sealer, response: Response) -> api.Case:
    """My case with every step so far."""
    async with database.reading() as session:
        found = await queries.for_applicant(session, number, applicant, sealer)
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
