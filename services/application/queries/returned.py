from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import Row, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from chassis.working_days import SHANGHAI
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, Id, OfficerId, PartyId, TaskCode
from services.application.domain.case import Case, Scope
from services.application.domain.returned import WorkForm, WorkFormOvertaken
from services.application.repository import Cases
from services.application.repository.returned import WorkForms, found
from services.application.tables import findings, permit_notices, work_forms

_PAGE: Final = 50
_SHOWN: Final = 500


def shown_form(form: WorkForm) -> api.WorkForm:
    return api.WorkForm(
        form=form.number,
        case_number=CaseNumber(form.case_number),
        revision=form.revision,
        check_code=form.check_code,
        issued_by=form.issued_by,
        issued_at=form.issued_at,
        returned_by=form.returned_by,
        returned_at=form.returned_at,
    )


def shown_finding(row: Row[Any]) -> api.Finding:
    return api.Finding(
        finding_id=Id(row.id),
        form=row.number,
        case_number=CaseNumber(row.case_number),
        kind=row.kind,
        found_at=row.found_at,
        times=row.times,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        note=row.note,
    )


async def printed(session: ReadSession, party: PartyId, number: str, scope: Scope, sealer: Sealer) -> tuple[WorkForm, Case, str]:
    """The form, its case, and the applicant's name. Raises NoSuchWorkForm, NoSuchCase, WorkFormOvertaken."""
    form = await WorkForms(session).of(party, number)
    cases = Cases(session, sealer)
    case = await cases.within(CaseNumber(form.case_number), scope)
    if case.revision != form.revision:
        raise WorkFormOvertaken(revision=case.revision)
    return form, case, (await cases.applicant(case))["name"]


async def reconciliation(session: ReadSession, party: PartyId, day: date) -> api.Reconciliation:
    begin = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    forms = WorkForms(session)
    issued, returned = await forms.counts(party, begin)
    mine = found().where(work_forms.c.party == party, findings.c.settled_at.is_(None)).order_by(findings.c.found_at).limit(_SHOWN)
    return api.Reconciliation(
        day=day,
        issued=issued,
        returned=returned,
        outstanding=[shown_form(each) for each in await forms.outstanding(party, limit=_SHOWN)],
        findings=[shown_finding(row) for row in await session.execute(mine)],
    )


async def open_findings(session: ReadSession, *, after: Id | None) -> Page[api.Finding]:
    """Of all parties."""
    query = found().where(findings.c.settled_at.is_(None)).order_by(findings.c.id).limit(_PAGE + 1)
    rows = (await session.execute(query.where(findings.c.id > after) if after else query)).all()
    items = [shown_finding(row) for row in rows[:_PAGE]]
    return Page(items=items, next=items[-1].finding_id if len(rows) > _PAGE else None)


async def permits(session: ReadSession, *, supervisor: CreditCode | None, waiting: bool, after: Id | None) -> Page[api.PermitNotice]:
    """Oldest first; of all agencies without a `supervisor`, and only those not received if `waiting`."""
    query = select(permit_notices).order_by(permit_notices.c.id).limit(_PAGE + 1)
    if supervisor:
        query = query.where(permit_notices.c.supervisor == supervisor)
    if waiting:
        query = query.where(permit_notices.c.received_at.is_(None))
    rows = (await session.execute(query.where(permit_notices.c.id > after) if after else query)).all()
    items = [_permit(row) for row in rows[:_PAGE]]
    return Page(items=items, next=items[-1].notice_id if len(rows) > _PAGE else None)


async def notices_of(session: ReadSession, number: CaseNumber) -> list[api.PermitNotice]:
    """All of one case, oldest first."""
    rows = await session.execute(select(permit_notices).where(permit_notices.c.number == number).order_by(permit_notices.c.id))
    return [_permit(row) for row in rows]


async def permit(session: ReadSession, notice: Id) -> api.PermitNotice:
    return _permit((await session.execute(select(permit_notices).where(permit_notices.c.id == notice))).one())


def _permit(row: Row[Any]) -> api.PermitNotice:
    return api.PermitNotice(
        notice_id=Id(row.id),
        supervisor=CreditCode(row.supervisor),
        kind=row.kind,
        number=CaseNumber(row.number),
        revision=row.revision,
        task_code=TaskCode(row.task_code),
        matter_name=row.matter_name,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        at=row.at,
        received_at=row.received_at,
        received_by=OfficerId(row.received_by) if row.received_by else None,
    )
