from typing import Annotated, Final

from fastapi import Query, Response

from chassis.http import Audience, Database, Known, Router, guard
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.values import Grade
from services.catalogue.queries import changes

router = Router()


_READ: Final = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)
Since = Annotated[int, Query(ge=0, le=2**63 - 1)]


@router.get("/matter-changes", response_model=api.MatterChanges, **_READ)
async def feed(database: Database, known: Known, since: Since = 0) -> Response:
    """What became of matters behind a cursor, in the order in which it was committed; ask again with `next`."""
    async with database.reading() as session:
        found = await changes.since(session, since)
    return known.answer(found)


@router.get("/catalogue-changes", response_model=api.CatalogueChanges, **_READ)
async def feed_of_everything(database: Database, known: Known, since: Since = 0) -> Response:
    """The same of matters and of packages; a cursor of either feed is one of the other."""
    async with database.reading() as session:
        found = await changes.of_everything(session, since)
    return known.answer(found)
