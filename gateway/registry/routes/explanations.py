from typing import Annotated

from fastapi import Query

from chassis.http import Audience, Database, Router, guard
from contracts.api import gateway as api
from contracts.permissions import Permission
from contracts.values import Id
from gateway.registry.queries import explanations as queries

router = Router()


@router.get("/decisions/{request_id}/explanation", **guard(Permission.DECISION_READ, audience=Audience.OPERATOR))
async def explanation(
    request_id: Id, database: Database, policy_version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> api.Explanation:
    """A recorded decision made again, by the version that made it or by another, with the policies that determine it."""
    async with database.reading() as session:
        return await queries.explanation(session, request_id, policy_version)
