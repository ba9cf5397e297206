import asyncio

from fastapi import Request, Response

from chassis.database import WriteSession
from chassis.errors import Unavailable
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api import application as api
from contracts.api.certificate import Holding
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, ConsentId, Grade, TaskCode
from services.application.commands import intake
from services.application.domain.intake import check_materials, filled
from services.application.queries import cases as queries
from services.application.queries.consents import consents_of
from services.application.repository import Cases
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Asked

router = Router()

_UPLOAD = guard(Permission.FILE_UPLOAD, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL)
_UPLOAD["openapi_extra"]["requestBody"] = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/png", "image/jpeg", "application/pdf")},
}


@router.post("/files", status_code=201, **_UPLOAD)
async def upload(request: Request, caller: Caller, database: Database, clock: Clock, sealer: Sealer) -> api.Stored:
    """Upload a file for a material, at most 1 MiB; the same file again answers the same id."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    async with database.transaction() as session:
        return await intake.store_file(session, caller.required_person(), media_type, content, sealer, at=clock.now())


@router.get("/matters/{task_code}/form", **guard(Permission.FORM_READ, audience=Audience.PERSON, assurance=2, grade=Grade.SENSITIVE))
async def form(task_code: TaskCode, caller: Caller, asked: Asked, response: Response) -> api.Form:
    """The application form, prefilled with what the city vouches for, and how I may give each material."""
    person_id = caller.required_person()
    purpose = f"预填表单 prefill {task_code}"
    definition = await asked.definition(task_code)
    types = [each.certificate_type for each in definition.materials if each.certificate_type]

    async def holdings() -> list[Holding] | None:
        try:
            return await asked.holdings(person_id, types, purpose=purpose)
        except Unavailable:
            return None

    profile, held = await asyncio.gather(asked.profile(person_id, purpose=purpose), holdings())
    items = [*definition.field_sources, *(each.name for each in held or ())]
    disclose(response, subjects=[person_id], purpose=purpose, grade=Grade.SENSITIVE, items=items)
    return queries.form(definition, profile, held)


@router.post(
    "/cases",
    status_code=201,
    response_model=api.Case,
    **guard(Permission.CASE_SUBMIT, audience=Audience.PERSON, assurance=3, grade=Grade.PERSONAL),
)
async def submit(body: api.Submit, caller: Caller, database: Database, clock: Clock, once: Once, asked: Asked, sealer: Sealer) -> Response:
    """Submit an application. Every retry under the same Idempotency-Key answers the same case."""
    if earlier := await once.stored():
        return earlier
    person_id, at = caller.required_person(), clock.now()
    definition = await asked.definition(body.task_code)
    intake.check_version(body, definition)
    check_materials(definition.materials, body.materials)
    async with database.transaction() as session:
        number = await intake.reserve(session, once.request_digest, body, person_id, sealer, at=at)
    async with Accounted(asked, database, clock) as account:
        profile = await asked.profile(person_id, purpose=number)
        values = filled(definition, body.values, profile, at=at)
        copies = await asked.certificate_materials(person_id, number, definition, body.materials)

        async def work(session: WriteSession) -> api.Case:
            case = await intake.submit(session, number, definition, profile, values, body.materials, copies, sealer, at=at)
            await account.tell(session)
            return queries.presented(case)

        answer = await once.answer(work, status=201)
    return disclose(answer, subjects=[person_id], purpose=number, items=("申报 submission",))


@router.post(
    "/cases/{number}/corrections",
    response_model=api.Case,
    **guard(Permission.CASE_CORRECT, audience=Audience.PERSON, assurance=3, grade=Grade.PERSONAL),
)
async def correct(
    number: CaseNumber, body: api.Correct, caller: Caller, database: Database, clock: Clock, once: Once, asked: Asked, sealer: Sealer
) -> Response:
    """Supply what the notice asked for."""
    person_id, at = caller.required_person(), clock.now()
    async with database.reading() as reading:
        case = await Cases(reading, sealer).of_person(number, person_id)
    # Only now: a twin that ended before the case was read is found here, not refused for the state it left behind.
    if earlier := await once.stored():
        return earlier
    definition = await asked.definition(case.task_code, version=case.version)
    async with database.reading() as reading:
        # Before a certificate is used: that cannot be undone.
        await intake.check_correction(reading, case, body, definition, sealer, at=at)
    async with Accounted(asked, database, clock) as account:
        copies = await asked.certificate_materials(person_id, number, definition, body.materials)

        async def work(session: WriteSession) -> api.Case:
            corrected = await intake.correct(session, number, person_id, body, definition, copies, sealer, at=at)
            await account.tell(session)
            return queries.presented(corrected)

        return await once.answer(work)


@router.get("/cases", **guard(Permission.CASE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def mine(caller: Caller, database: Database, before: CaseNumber | None = None) -> Page[api.CaseSummary]:
    """My cases, newest first."""
    async with database.reading() as session:
        return await queries.mine(session, caller.required_person(), before=before)


@router.get("/cases/{number}", **guard(Permission.CASE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def one(number: CaseNumber, caller: Caller, database: Database, sealer: Sealer) -> api.Case:
    """My case with every step so far."""
    async with database.reading() as session:
        return await queries.for_applicant(session, number, caller.required_person(), sealer)


@router.get("/consents", **guard(Permission.CASE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def consents(caller: Caller, database: Database, before: ConsentId | None = None) -> Page[api.Consent]:
    """For which cases and purposes I let certificates of mine be used, newest first."""
    async with database.reading() as session:
        return await consents_of(session, caller.required_person(), before=before)
