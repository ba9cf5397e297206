from typing import Annotated, Final

from fastapi import Query, Response

from chassis.http import Audience, Clock, Database, Known, Router, guard
from contracts.api import catalogue as api
from contracts.api.catalogue.forms import Applying
from contracts.permissions import Permission
from contracts.values import Grade, TaskCode
from services.catalogue.queries import forms as queries

router = Router()

_READ: Final = guard(Permission.MATTER_READ, audience=Audience.PARTY, grade=Grade.PUBLIC)


@router.get("/matters/{task_code}/blank-form", response_model=api.BlankForm, **_READ)
async def blank(
    task_code: TaskCode,
    database: Database,
    clock: Clock,
    known: Known,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    situation: Annotated[str | None, Query(max_length=50)] = None,
    applicant: Applying | None = None,
) -> Response:
    """The form before anybody fills it in: schema, layout, and which field comes from whom. Unchanged forms answer 304."""
    async with database.reading() as session:
        found = await queries.blank(session, task_code, at=clock.now(), version=version, situation=situation, applying=applicant)
    return known.answer(found)


@router.get("/form-fields", response_model=list[api.FormField], **_READ)
async def dictionary(database: Database, known: Known) -> Response:
    """The dictionary of fields across all matters, with who holds what they ask for."""
    async with database.reading() as session:
        found = await queries.all_fields(session)
    return known.answer(found)
