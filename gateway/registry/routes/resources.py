from typing import Annotated

from fastapi import Query

from chassis.http import Audience, Caller, Clock, Database, Router, guard
from contracts.api import gateway as api
from contracts.api.gateway.resources import ResourceState, Sharing
from contracts.permissions import Permission
from contracts.values import CertificateTypeCode, CreditCode
from gateway.registry.commands import resources as commands
from gateway.registry.queries import resources as queries

router = Router()


@router.get("/resources", **guard(Permission.RESOURCE_READ, audience=Audience.OPERATOR))
async def resources(
    database: Database,
    service: Annotated[str | None, Query(max_length=40)] = None,
    state: ResourceState | None = None,
    owner: CreditCode | None = None,
    sharing: Sharing | None = None,
    grade: Annotated[int | None, Query(ge=1, le=4)] = None,
    audience: Annotated[str | None, Query(max_length=40)] = None,
) -> list[api.Resource]:
    """Every registered route; nothing else is reachable."""
    wanted = queries.Wanted(service=service, state=state, owner=owner, sharing=sharing, grade=grade, audience=audience)
    async with database.reading() as session:
        return await queries.all_resources(session, wanted)


@router.post("/resources/deprecation", **guard(Permission.RESOURCE_MANAGE, audience=Audience.OPERATOR))
async def deprecate(body: api.DeprecateResource, caller: Caller, database: Database, clock: Clock) -> api.Resource:
    """Say in every answer that the route leaves, until when, and what comes after it. To take that back needs two officers."""
    async with database.transaction() as session:
        await commands.deprecate(session, body, by=caller.required_officer(), at=clock.now())
        return await queries.resource(session, body.method, body.path)


@router.post("/resources/retirement", **guard(Permission.RESOURCE_MANAGE, audience=Audience.OPERATOR))
async def retire(body: api.RetireResource, caller: Caller, database: Database) -> api.Resource:
    """Take the route out of use at once. To take it back needs two officers."""
    async with database.transaction() as session:
        await commands.retire(session, body, by=caller.required_officer())
        return await queries.resource(session, body.method, body.path)


@router.post("/resources/classification", **guard(Permission.RESOURCE_MANAGE, audience=Audience.OPERATOR))
async def classify(body: api.ClassifyResource, caller: Caller, database: Database) -> api.Resource:
    """Grade the route's data higher, or share it less. The opposite needs two officers."""
    async with database.transaction() as session:
        await commands.classify(session, body, by=caller.required_officer())
        return await queries.resource(session, body.method, body.path)


@router.get("/resources/certificate-types", **guard(Permission.RESOURCE_READ, audience=Audience.OPERATOR))
async def types(database: Database) -> list[api.CertificateTypeResource]:
    async with database.reading() as session:
        return await queries.types(session)


@router.post("/resources/certificate-types/{code}/departure", **guard(Permission.RESOURCE_MANAGE, audience=Audience.OPERATOR))
async def leave(
    code: CertificateTypeCode, body: api.LeavingCertificateType, caller: Caller, database: Database, clock: Clock
) -> api.CertificateTypeResource:
    """A type that leaves is in no new scene."""
    async with database.transaction() as session:
        await commands.leave_type(session, code, body, by=caller.required_officer(), at=clock.now())
        [known] = await queries.types(session, code)
    return known
