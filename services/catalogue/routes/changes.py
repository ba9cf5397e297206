from typing import Annotated

from fastapi import Query, Response

from chassis.http import Audience, Database, Known, Router, guard
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.values import Grade
from services.catalogue.queries import changes

router = Router()


@router.get(
    "/matter-changes",
    response_model=api.MatterChanges,
    **guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC),
)
async def feed(database: Database, known: Known, since: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0) -> Response:
    """What became of matters behind a cursor, in the order in which it was committed; ask again with `next`."""
    async with database.reading() as session:
        found = await changes.since(session, since)
    return known.answer(found)
