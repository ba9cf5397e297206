"""Cases that an officer looks for, of those that they see."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

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
    return await _newest(session, _seen(scope).where(*conditions))


async def related(session: ReadSession, scope: Scope, case: Case) -> list[api.WorkItem]:
    """Of the same applicant, without the case itself."""
    subject = cases.c.person_id if case.applicant.person else cases.c.organisation_id
    return await _newest(session, _seen(scope).where(subject == case.applicant.subject, cases.c.id != case.id))


def _seen(scope: Scope) -> Select[Any]:
    return select(*SHOWN, running_due(), worst_card()).where(sight.visible(scope))


async def _newest(session: ReadSession, query: Select[Any]) -> list[api.WorkItem]:
    rows = await session.execute(query.order_by(cases.c.id.desc()).limit(PAGE))
    return [api.WorkItem.model_validate(item(row)) for row in rows]
