from typing import Annotated, Literal

from fastapi import Path, Query, Response

from chassis.errors import Invalid
from chassis.http import Audience, Caller, Clock, Database, Known, Router, guard
from chassis.working_days import local_day
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Grade
from services.catalogue.commands import packages as commands
from services.catalogue.queries import packages as queries

router = Router()

_READ = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)
_EDIT = guard(Permission.PACKAGE_EDIT, audience=Audience.OPERATOR)

Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
OfVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Situation = Annotated[str, Query(pattern=r"^[a-z][a-z0-9.-]{1,350}$")]


@router.get("/packages", response_model=Page[api.PackageFound], **_READ)
async def found(
    database: Database,
    clock: Clock,
    known: Known,
    q: Annotated[str, Query(max_length=50)] = "",
    served: Literal["person", "enterprise"] | None = None,
    life_event: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """Packages 一件事 by name or colloquial name, for people or companies, by event of life."""
    async with database.reading() as session:
        items = await queries.found(session, q, served=served, life_event=life_event, on=local_day(clock.now()))
    return known.answer(Page(items=items))


@router.get("/packages/{code}", response_model=api.PackageVersion, **_READ)
async def read(code: Code, database: Database, clock: Clock, known: Known, version: OfVersion = None) -> Response:
    """A package as it is in force, or one of its versions."""
    async with database.reading() as session:
        said = await queries.version_of(session, code, on=local_day(clock.now()), version=version)
    return known.answer(said)


@router.get("/packages/{code}/situations", response_model=api.PackageSituations, **_READ)
async def situations(code: Code, database: Database, clock: Clock, known: Known) -> Response:
    """The questions that lead to a situation, and all situations."""
    async with database.reading() as session:
        said = await queries.situations(session, code, on=local_day(clock.now()))
    return known.answer(said)


@router.get("/packages/{code}/plan", response_model=api.PackagePlan, **_READ)
async def plan(
    code: Code, database: Database, clock: Clock, known: Known, situation: Situation = "all", version: OfVersion = None
) -> Response:
    """What is asked once, what runs side by side and how long it takes, in one situation."""
    async with database.reading() as session:
        said = await queries.plan_of(session, code, situation, on=local_day(clock.now()), version=version)
    return known.answer(said)


@router.put("/packages/{code}/draft", **_EDIT)
async def draft(code: Code, body: api.Package, caller: Caller, database: Database, clock: Clock) -> api.PackageDraft:
    """Write a draft, whole; the answer says what would refuse it."""
    if body.code != code:
        raise Invalid("the code of the package is that of the path")
    async with database.transaction() as session:
        made = await commands.draft(session, body, agency=caller.required_agency(), by=caller.required_officer(), at=clock.now())
    async with database.reading() as session:
        return await queries.checked(session, made)


@router.get("/packages/{code}/draft", **_EDIT)
async def read_draft(code: Code, caller: Caller, database: Database) -> api.PackageDraft:
    """My agency's draft, with a shortest counter-example for each rule that it breaks."""
    async with database.reading() as session:
        return await queries.draft(session, code, agency=caller.required_agency())


@router.put("/packages/{code}/versions/{version}", **_EDIT)
async def publish(
    code: Code, version: Version, body: api.PublishPackage, caller: Caller, database: Database, clock: Clock
) -> api.PackageVersion:
    """Publish the reviewed revision of the draft as the next version. None of those who drafted it may; asked again, the same answer."""
    agency, officer = caller.required_agency(), caller.required_officer()
    async with database.transaction() as session:
        made = await commands.publish(session, code, version, body, agency=agency, by=officer, at=clock.now())
    async with database.reading() as session:
        return await queries.presented(session, made)
