"""Cases that an officer looks for, of those that they see."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, union_all

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from services.application.domain.case import Case, Scope
from services.application.queries.work import PAGE, item
from services.application.queries.work_statements import SHOWN, running_due, worst_card
from services.application.repository import sight
from services.application.tables import cases


async def found(session: ReadSession, scope: Scope, wanted: api.FindCases, sealer: Sealer) -> list[api.WorkItem]:
    """Newest first. Everything that is said of a case must hold."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.number:
        conditions.append(cases.c.number.startswith(wanted.number, autoescape=True))
    if wanted.matter_name:
        conditions.append(cases.c.matter_name.startswith(wanted.matter_name, autoescape=True))
    if wanted.applicant_number:
        conditions.append(cases.c.applicant_key.in_(sealer.lookups(wanted.applicant_number.upper())))
    return await _newest(session, scope, conditions)


async def related(session: ReadSession, scope: Scope, case: Case) -> list[api.WorkItem]:
    """Of the same applicant, without the case itself."""
    subject = cases.c.person_id if case.applicant.person else cases.c.organisation_id
    return await _newest(session, scope, [subject == case.applicant.subject, cases.c.id != case.id])


async def _newest(session: ReadSession, scope: Scope, conditions: Sequence[ColumnElement[bool]]) -> list[api.WorkItem]:
    query = select(*SHOWN, running_due(), worst_card(), cases.c.id)
    either = [query.where(part, *conditions).order_by(cases.c.id.desc()).limit(PAGE).subquery() for part in sight.parts(scope)]
    found = union_all(*(select(each) for each in either)).subquery()
    rows = await session.execute(select(found).order_by(found.c.id.desc()).limit(PAGE))
    return [api.WorkItem.model_validate(item(row)) for row in rows]
