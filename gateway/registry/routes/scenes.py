from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Depends, Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from chassis.working_days import local_day
from contracts.api.gateway import sharing as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Id
from gateway.registry.commands import scenes as commands
from gateway.registry.queries import scenes as queries

router = Router()

_OPERATOR = "operator"


async def _side(caller: Caller) -> queries.Side:
    return queries.Side(caller.required_party(), caller.agency, caller.party_kind == _OPERATOR)


Side = Annotated[queries.Side, Depends(_side)]


@router.post("/scenes", status_code=201, response_model=api.Scene, **guard(Permission.SCENE_APPLY, audience=Audience.OPERATOR))
async def apply(body: api.ApplyScene, caller: Caller, clock: Clock, once: Once) -> Response:
    """Apply for a scene. The supplier of each conditional item answers, and the platform for what is shared unconditionally."""
    officer, party, at = caller.required_officer(), caller.required_party(), clock.now()

    async def work(session: Any) -> api.Scene:
        scene = await commands.apply(
            session, body, demander=party, demander_name=caller.party_name, agency=caller.agency, by=officer, at=at
        )
        return queries.present(scene, day=local_day(at))

    return await once.answer(work, status=201)


@router.post("/scenes/{scene_id}/answers", **guard(Permission.SCENE_ANSWER, audience=Audience.OPERATOR))
async def answer(scene_id: Id, body: api.AnswerProposal, caller: Caller, side: Side, database: Database, clock: Clock) -> api.Scene:
    """Approve or refuse, for the agency whose data it is or for the platform; never by the officer who applied."""
    at = clock.now()
    async with database.transaction() as session:
        scene = await commands.answer(session, scene_id, body, **asdict(side), by=caller.required_officer(), at=at)
    return queries.present(scene, day=local_day(at))


@router.post("/scenes/{scene_id}/revocation", **guard(Permission.SCENE_REVOKE, audience=Audience.OPERATOR))
async def revoke(scene_id: Id, body: api.RevokeScene, caller: Caller, side: Side, database: Database, clock: Clock) -> api.Scene:
    """End a scene at once: whose scene it is, whose data it asks for, and operators may."""
    at = clock.now()
    async with database.transaction() as session:
        scene = await commands.revoke(session, scene_id, body.reason, **asdict(side), by=caller.required_officer(), at=at)
    return queries.present(scene, day=local_day(at))


@router.get("/scenes", **guard(Permission.SCENE_READ, audience=Audience.OPERATOR))
async def scenes(
    side: Side,
    database: Database,
    clock: Clock,
    state: Literal["applied", "approved", "refused", "revoked", "expired"] | None = None,
    after: Id | None = None,
) -> Page[api.Scene]:
    """One's own scenes and those that ask for one's data; all of them for operators."""
    async with database.reading() as session:
        return await queries.scenes_of(session, side, day=local_day(clock.now()), state=state, after=after)


@router.get("/scenes/{scene_id}", **guard(Permission.SCENE_READ, audience=Audience.OPERATOR))
async def scene(scene_id: Id, side: Side, database: Database, clock: Clock) -> api.Scene:
    async with database.reading() as session:
        return queries.present(await queries.scene(session, scene_id, side), day=local_day(clock.now()))


@router.get("/scenes/{scene_id}/usage", **guard(Permission.SCENE_READ, audience=Audience.OPERATOR))
async def usage(scene_id: Id, side: Side, database: Database) -> list[api.CallsOfDay]:
    """Calls by day, newest first."""
    async with database.reading() as session:
        return await queries.calls_of_scene(session, await queries.scene(session, scene_id, side))
