from typing import Annotated, Any

from fastapi import Path, Query, Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.strict import Page
from gateway.registry.commands import policies as commands
from gateway.registry.queries import policies as queries

router = Router()
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/policy-versions", **guard(Permission.POLICY_READ, audience=Audience.OPERATOR))
async def policy_versions(database: Database, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Page[api.PolicyVersion]:
    """The versions of the policies, newest first."""
    async with database.reading() as session:
        return await queries.all_versions(session, before)


@router.get("/policy-versions/{version}", **guard(Permission.POLICY_READ, audience=Audience.OPERATOR))
async def policy_version(version: Version, database: Database) -> api.PolicyText:
    """The whole text of a version, and each policy as a sentence in both languages."""
    async with database.reading() as session:
        return await queries.text(session, version)


@router.post(
    "/policy-versions", status_code=201, response_model=api.PolicyVersion, **guard(Permission.POLICY_PROPOSE, audience=Audience.OPERATOR)
)
async def propose_policies(body: api.ProposePolicies, caller: Caller, clock: Clock, once: Once) -> Response:
    """Propose a text. It is read, held against its schema and tried out by its cases; faults are named by file and line."""

    async def work(session: Any) -> api.PolicyVersion:
        proposed = await commands.propose(session, body.files, body.note, by=caller.required_officer(), at=clock.now())
        return queries.present(proposed)

    return await once.answer(work, status=201)


@router.post("/policy-versions/{version}/approval", **guard(Permission.POLICY_APPROVE, audience=Audience.OPERATOR))
async def approve_policies(version: Version, caller: Caller, database: Database, clock: Clock) -> api.PolicyVersion:
    """Another officer brings the version into force; every gateway process decides by it within seconds."""
    async with database.transaction() as session:
        approved = await commands.approve(session, version, by=caller.required_officer(), at=clock.now())
    return queries.present(approved)


@router.post("/policy-versions/{version}/withdrawal", **guard(Permission.POLICY_PROPOSE, audience=Audience.OPERATOR))
async def withdraw_policies(version: Version, database: Database) -> api.PolicyVersion:
    """A proposal that is not to be approved any more."""
    async with database.transaction() as session:
        withdrawn = await commands.withdraw(session, version)
    return queries.present(withdrawn)


@router.post("/policy-versions/{version}/preview", **guard(Permission.POLICY_READ, audience=Audience.OPERATOR))
async def preview_policies(version: Version, body: api.PreviewPolicies, database: Database) -> api.PolicyPreview:
    """Which of the newest recorded decisions would be others under this version."""
    async with database.reading() as session:
        return await queries.preview(session, version, body.last)
