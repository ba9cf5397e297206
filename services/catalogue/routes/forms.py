from typing import Annotated, Final

from fastapi import Header, Query, Response

from chassis.http import Audience, Database, Router, guard
from contracts.api import catalogue as api
from contracts.api.catalogue.forms import Applying
from contracts.permissions import Permission
from contracts.values import Grade, TaskCode
from services.catalogue.queries import forms as queries
from services.catalogue.routes.conditional import answered

router = Router()

_READ: Final = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


@router.get("/matters/{task_code}/blank-form", response_model=api.BlankForm, **_READ)
async def blank(
    task_code: TaskCode,
    database: Database,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    situation: Annotated[str | None, Query(max_length=50)] = None,
    applicant: Applying | None = None,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The form before anybody fills it in: schema, layout, and which field comes from whom. Unchanged forms answer 304."""
    async with database.reading() as session:
        found = await queries.blank(session, task_code, version=version, situation=situation, applying=applicant)
    return answered(found, found.version, if_none_match)


@router.get("/form-fields", **_READ)
async def dictionary(database: Database) -> list[api.FormField]:
    """The dictionary of fields across all matters, with who holds what they ask for."""
    async with database.reading() as session:
        return await queries.dictionary(session)
