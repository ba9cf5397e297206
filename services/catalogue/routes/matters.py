from typing import Annotated

from fastapi import Query, Response

from chassis.errors import ServiceError
from chassis.http import Audience, Caller, Clock, Database, Fetched, Known, Mesh, Router, disclose_fetched, guard
from contracts.api import catalogue as api
from contracts.api import certificate as certificates
from contracts.permissions import Permission
from contracts.values import BasicCode, Grade, TaskCode
from services.catalogue.domain.matters import MatterNotInMandate
from services.catalogue.queries import matters as queries

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


@router.get("/matters/{task_code}", response_model=api.Guide, **_READ)
async def guide(task_code: TaskCode, database: Database, clock: Clock, known: Known) -> Response:
    """The guide of a matter as implemented by one agency; unchanged guides answer 304."""
    async with database.reading() as session:
        found = await queries.guide(session, task_code, at=clock.now())
    return known.answer(found)


@router.get("/matters/{task_code}/readiness", **guard(Permission.MATTER_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def readiness(task_code: TaskCode, caller: Caller, database: Database, clock: Clock, mesh: Mesh, response: Response) -> api.Readiness:
    """Which materials the city already holds for me. Without the certificate service the answer says `unknown`."""
    if caller.mandate_matters and task_code.basic not in caller.mandate_matters:
        raise MatterNotInMandate
    async with database.reading() as session:
        found = await queries.guide(session, task_code, at=clock.now())
    types = list(dict.fromkeys(each.certificate_type for each in found.matter.materials if each.certificate_type))
    # Only what persons hold stands in for a material.
    if not types or caller.person is None:
        return queries.readiness(found, {})
    wanted = certificates.AskHoldings(person_id=caller.person, types=types)
    try:
        held: Fetched[list[certificates.Holding]] = await mesh.post(
            "certificate", "/holdings", json=wanted, model=list[certificates.Holding], act=caller, purpose=f"readiness {task_code}"
        )
    except ServiceError:
        return queries.readiness(found, None)
    disclose_fetched(response, held)
    return queries.readiness(found, {each.type: (each.name, each.number_masked) for each in held.value})


@router.get(
    "/matters/{task_code}/definition",
    response_model=api.Definition,
    **guard(audience=Audience.INTERNAL, services=("application", "certificate")),
)
async def definition(
    task_code: TaskCode,
    database: Database,
    clock: Clock,
    known: Known,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    situation: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """What intake works by; a case that was started under an earlier version goes on under it, in its situation."""
    async with database.reading() as session:
        found = await queries.definition(session, task_code, at=clock.now(), version=version, situation=situation)
    return known.answer(found)


PlaceOfApplicant = Annotated[api.Place, Query()]


@router.get("/competences/{basic_code}", **_READ)
async def competence(basic_code: BasicCode, place: PlaceOfApplicant, database: Database) -> api.Competence:
    """Which agency decides a matter for a place: where the applicant lives, is registered or chooses to apply."""
    async with database.reading() as session:
        return await queries.competence(session, basic_code, place)


@router.get("/matters/{task_code}/competence", **guard(audience=Audience.INTERNAL, services=("application",)))
async def competence_for_intake(task_code: TaskCode, place: PlaceOfApplicant, database: Database) -> api.Competence:
    """The same, of the matter of an implementation."""
    async with database.reading() as session:
        return await queries.competence(session, BasicCode(task_code.basic), place)


@router.get("/divisions", response_model=list[api.Division], **guard(Permission.AGENCY_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def divisions(database: Database, known: Known) -> Response:
    async with database.reading() as session:
        found = await queries.all_divisions(session)
    return known.answer(found)


@router.get("/agencies", response_model=list[api.Agency], **guard(Permission.AGENCY_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def agencies(database: Database, known: Known) -> Response:
    async with database.reading() as session:
        found = await queries.all_agencies(session)
    return known.answer(found)
