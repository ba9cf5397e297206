from typing import Annotated

from fastapi import Path, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, FileId, Grade
from services.application.commands import handling
from services.application.domain.intake import ResultIsNotValid, check_notice, result_of
from services.application.queries import cases as queries
from services.application.queries import dispatches
from services.application.queries.consents import usable_values
from services.application.repository import Cases, Files
from services.application.repository.dispatches import Place
from services.application.routes.dependencies import Asked, Within, disclosed

router = Router()

Number = Annotated[CaseNumber, Path()]


@router.get("/dispatches", **guard(Permission.DISPATCH_READ, audience=Audience.PARTY, grade=Grade.INTERNAL))
async def feed(
    scope: Within, database: Database, after: Annotated[str, Query(pattern=r"^[0-9]{1,19}\.[0-9]{1,18}$")] = "0.0"
) -> Page[api.Dispatch]:
    """Every move of our cases, oldest first. Keep the last cursor and come back with it: nothing is ever skipped."""
    transaction, _, place = after.partition(".")
    async with database.reading() as session:
        return await dispatches.feed(session, scope, after=Place(int(transaction), int(place)))


@router.get("/cases/{number}/dossier", **guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.SENSITIVE))
async def dossier(number: Number, scope: Within, database: Database, sealer: Sealer, response: Response) -> api.Dossier:
    """A case in full: values with their sources, materials, history."""
    async with database.reading() as session:
        found, applicant = await queries.dossier(session, number, scope, sealer)
    items = [*(each.title for each in found.values), *(each.name for each in found.materials)]
    disclosed(response, applicant, purpose=number, grade=Grade.SENSITIVE, items=items, names_agent=True)
    return found


@router.get(
    "/cases/{number}/files/{file_id}",
    response_class=Response,
    **guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.SENSITIVE),
)
async def file(number: Number, file_id: FileId, scope: Within, database: Database, sealer: Sealer) -> Response:
    """An uploaded file of a case."""
    async with database.reading() as session:
        case = await Cases(session, sealer).within(number, scope)
        media_type, content = await Files(session, sealer).of_case(case.id, file_id)
    answer = Response(content, media_type=media_type)
    return disclosed(answer, case.applicant, purpose=number, grade=Grade.SENSITIVE, items=("上传文件 file",))


@router.post(
    "/cases/{number}/correction-requests",
    response_model=api.Case,
    **guard(Permission.CASE_REQUEST_CORRECTION, audience=Audience.PARTY),
)
async def request_correction(
    number: Number,
    body: api.RequestCorrection,
    scope: Within,
    caller: Caller,
    database: Database,
    clock: Clock,
    once: Once,
    asked: Asked,
    sealer: Sealer,
) -> Response:
    """Tell the applicant, once, everything that is to be supplied."""
    officer = caller.required_officer()
    async with database.reading() as reading:
        case = await Cases(reading, sealer).within(number, scope)
        values = await Cases(reading, sealer).values(case)
    if earlier := await once.stored():
        return earlier
    definition = await asked.definition(case.task_code, version=case.version, situation=case.situation)
    check_notice(definition, values, body.materials, body.fields)

    async def work(session: WriteSession) -> api.Case:
        return queries.presented(await handling.request_correction(session, number, scope, body, sealer, by=officer, at=clock.now()))

    return await once.answer(work)


@router.post("/cases/{number}/acceptance", response_model=api.Case, **guard(Permission.CASE_ACCEPT, audience=Audience.PARTY))
async def accept(number: Number, scope: Within, caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Accept a case; its promise counts from the next working day."""
    officer = caller.required_officer()

    async def work(session: WriteSession) -> api.Case:
        return queries.presented(await handling.accept(session, number, scope, sealer, by=officer, at=clock.now()))

    return await once.answer(work)


@router.post("/cases/{number}/decision", response_model=api.Case, **guard(Permission.CASE_DECIDE, audience=Audience.PARTY))
async def decide(
    number: Number,
    body: api.Decide,
    scope: Within,
    caller: Caller,
    database: Database,
    clock: Clock,
    once: Once,
    asked: Asked,
    sealer: Sealer,
) -> Response:
    """Grant or refuse, by another officer than the one who accepted."""
    officer, at = caller.required_officer(), clock.now()
    async with database.reading() as reading:
        case = await Cases(reading, sealer).within(number, scope)
        values = await usable_values(reading, case, sealer)
    # Only now: a twin that ended before the case was read is found here, not refused for the state it left behind.
    if earlier := await once.stored():
        return earlier
    content = {}
    if body.outcome == "grant":
        # Refused here already, so that nobody is asked about a decision that may not be made.
        case.under_review().grant(by=officer, at=at, reason=body.reason)
        content = result_of(values, body.content)
        if case.certificate_type and (errors := await asked.content_errors(case.certificate_type, content)):
            raise ResultIsNotValid(errors=errors)

    async def work(session: WriteSession) -> api.Case:
        if body.outcome == "grant":
            decided = await handling.grant(session, number, scope, content, sealer, by=officer, at=at, reason=body.reason)
        else:
            decided = await handling.refuse(session, number, scope, sealer, by=officer, at=at, reason=body.reason)
        return queries.presented(decided)

    return await once.answer(work)


@router.get("/cases/{number}/result", **guard(audience=Audience.INTERNAL, services=("certificate",), grade=Grade.SENSITIVE))
async def result(number: Number, database: Database, sealer: Sealer, response: Response) -> api.CaseResult:
    async with database.reading() as session:
        found, person_id = await queries.result(session, number, sealer)
    items = ("name", "resident_id", *found.content)
    disclose(response, subjects=[person_id], purpose=number, grade=Grade.SENSITIVE, items=items)
    return found


@router.get("/cases/{number}/organisation-result", **guard(audience=Audience.INTERNAL, services=("certificate",), grade=Grade.SENSITIVE))
async def organisation_result(number: Number, database: Database, sealer: Sealer, response: Response) -> api.OrganisationResult:
    """The result of a case of an organisation."""
    async with database.reading() as session:
        found = await queries.organisation_result(session, number, sealer)
    items = ("name", "credit_code", *found.content)
    disclose(response, organisations=[found.organisation_id], purpose=number, grade=Grade.SENSITIVE, items=items)
    return found


@router.get("/cases/{number}/standing", **guard(audience=Audience.INTERNAL, services=("gateway",)))
async def standing(number: Number, database: Database, sealer: Sealer) -> api.CaseStanding:
    async with database.reading() as session:
        return queries.standing(await Cases(session, sealer).numbered(number))
