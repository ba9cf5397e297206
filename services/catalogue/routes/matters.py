import hashlib
from typing import Annotated

from fastapi import Header, Query, Response

from chassis.errors import ServiceError
from chassis.http import Audience, Caller, Clock, Database, Fetched, Mesh, Router, disclose_fetched, guard
from contracts.api import catalogue as api
from contracts.api import certificate as certificates
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import DivisionCode, Grade, TaskCode
from services.catalogue.commands import importing
from services.catalogue.domain.matters import MatterNotInMandate
from services.catalogue.queries import matters as queries

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


@router.post("/matters/imports", **guard(Permission.MATTER_IMPORT, audience=Audience.PARTY))
async def take(body: api.ImportCatalogue, database: Database, clock: Clock) -> api.Imported:
    """Import a department's divisions, agencies and matters, all or nothing; `dry_run` only says what would change."""
    async with database.transaction() as session:
        return await importing.take(session, body, at=clock.now())


@router.get("/matters", **_READ)
async def search(
    database: Database,
    q: Annotated[str, Query(max_length=50)] = "",
    division: DivisionCode | None = None,
    theme: Annotated[str | None, Query(max_length=50)] = None,
    after: Annotated[int, Query(ge=0, le=10_000)] = 0,
    one_each: bool = False,
) -> Page[api.Found]:
    """Find matters in Chinese, by colloquial name, pinyin or initials; `one_each` names one place of each matter."""
    async with database.reading() as session:
        return await queries.search(session, q, division=division, theme=theme, offset=after, one_each=one_each)


@router.get("/matters/{task_code}", response_model=api.Guide, **_READ)
async def guide(task_code: TaskCode, database: Database, clock: Clock, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The guide of a matter as implemented by one agency; unchanged guides answer 304."""
    async with database.reading() as session:
        found = await queries.guide(session, task_code, at=clock.now())
    body = found.model_dump_json().encode()
    tag = f'"{found.version}-{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if _is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


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


@router.get("/matters/{task_code}/definition", **guard(audience=Audience.INTERNAL, services=("application", "certificate")))
async def definition(
    task_code: TaskCode, database: Database, clock: Clock, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> api.Definition:
    """What intake works by; a case that was started under an earlier version goes on under it."""
    async with database.reading() as session:
        return await queries.definition(session, task_code, at=clock.now(), version=version)


@router.get("/divisions", **guard(Permission.AGENCY_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def divisions(database: Database) -> list[api.Division]:
    async with database.reading() as session:
        return await queries.all_divisions(session)


@router.get("/agencies", **guard(Permission.AGENCY_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def agencies(database: Database) -> list[api.Agency]:
    async with database.reading() as session:
        return await queries.all_agencies(session)


def _is_known(tag: str, if_none_match: str) -> bool:
    """Whether the client has it already. Source: RFC 9110 13.1.2, weak comparison."""
    return tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
