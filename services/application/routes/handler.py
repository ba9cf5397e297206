from typing import Annotated

from fastapi import Path, Query, Response

from chassis.http import Audience, Clock, Database, Router, Sealer, disclose, guard
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, FileId, Grade
from services.application.queries import cases as queries
from services.application.repository import Cases, Files
from services.application.routes.dependencies import Within, disclosed

router = Router()

Number = Annotated[CaseNumber, Path()]


@router.get("/dispatches", **guard(Permission.DISPATCH_READ, audience=Audience.PARTY, grade=Grade.INTERNAL))
async def feed(
    scope: Within, database: Database, after: Annotated[str, Query(pattern=r"^[0-9]{1,19}\.[0-9]{1,18}$")] = "0.0"
) -> Page[api.Dispatch]:
    """Cases that wait for us, oldest first. Keep the last cursor and come back with it: nothing is ever skipped."""
    transaction, _, place = after.partition(".")
    async with database.reading() as session:
        return await queries.feed(session, scope, after=(int(transaction), int(place)))


@router.get("/cases/{number}/dossier", **guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.SENSITIVE))
async def dossier(number: Number, scope: Within, database: Database, clock: Clock, sealer: Sealer, response: Response) -> api.Dossier:
    """A case in full: values with their sources, materials, history."""
    async with database.reading() as session:
        found, applicant = await queries.dossier(session, number, scope, sealer, today=local_day(clock.now()))
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
