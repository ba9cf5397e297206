from datetime import datetime

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.api.catalogue.forms import Applying
from contracts.values import TaskCode
from services.catalogue.domain.forms import applying_to, form_of, origins_of, schema_of, situation_of
from services.catalogue.domain.matters import NOTICE, provenance_of
from services.catalogue.queries.matters import fields_of, version_of
from services.catalogue.repository.versions import dictionary


async def blank(
    session: ReadSession, task_code: TaskCode, *, at: datetime, version: int | None, situation: str | None, applying: Applying | None
) -> api.BlankForm:
    """The form of a version in a situation, for persons or organisations. Raises NoSuchMatter, NoSuchSituation."""
    row, matter, _ = await version_of(session, task_code, version, at=at)
    who = applying or applying_to(matter)[0]
    form = form_of(matter, fields_of(row), situation_of(matter, situation), who)
    is_illustrative = provenance_of(matter) == "illustrative"
    return api.BlankForm(
        task_code=task_code,
        version=row.version,
        situation=situation,
        applicant=who,
        form_schema=schema_of(form, read_only=True),
        layout=list(form.sections),
        fields=origins_of(form, matter),
        typed=list(form.typed),
        uploads=list(form.uploads),
        is_kuaiban=form.is_quick,
        illustrative=is_illustrative,
        notice=NOTICE if is_illustrative else None,
    )


async def all_fields(session: ReadSession) -> list[api.FormField]:
    return list((await dictionary(session)).values())
