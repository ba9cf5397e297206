"""Work forms of parties whose system cannot be connected: printed, entered through the ordinary acts, reconciled every day."""

import asyncio
import html
import io
from datetime import date
from typing import Annotated

import segno
from fastapi import Path, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, guard
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Grade, Id
from services.application.commands import returned as commands
from services.application.domain.case import Case
from services.application.domain.returned import WorkForm
from services.application.queries import returned as queries
from services.application.repository import returned as repository
from services.application.routes.dependencies import Within, disclosed

router = Router()

_READ = guard(Permission.WORK_FORM_READ, audience=Audience.PARTY)
_PAPER = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>{number}</title>
<style>body{{font:16px serif;margin:3em}}th{{text-align:left;padding-right:2em}}td,th{{padding-bottom:.5em}}</style>
<h1>办件工作表单 Work form</h1>
<table>
<tr><th>表单编号 Form</th><td>{number}</td></tr>
<tr><th>校验码 Check code</th><td>{check_code}</td></tr>
<tr><th>办件编号 Case</th><td>{case_number}</td></tr>
<tr><th>事项 Matter</th><td>{matter}</td></tr>
<tr><th>申请人 Applicant</th><td>{applicant}</td></tr>
<tr><th>签发 Issued</th><td>{issued}</td></tr>
</table>
{code}
<p>本表单一件一号，结果凭编号和校验码录入一次；复印、涂改的表单在录入时会被发现。</p>
<p>One form for one case: its result is entered once, by its number and check code. A copy, or a form that was altered, is found when
it is entered.</p>
<p>结果 Result: ______________________ 承办人 Officer: ____________ 日期 Date: ____________</p>
</html>
"""


@router.post(
    "/cases/{number}/work-forms",
    status_code=201,
    response_model=api.WorkForm,
    **guard(Permission.WORK_FORM_ISSUE, audience=Audience.PARTY),
)
async def issue(number: CaseNumber, scope: Within, caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """A form for the handling of this case outside; print it, and enter its result with `work_form` in the act."""
    party, officer = caller.required_party(), caller.required_officer()

    async def work(session: WriteSession) -> api.WorkForm:
        return queries.shown_form(await commands.issue_form(session, party, number, scope, sealer, by=officer, at=clock.now()))

    return await once.answer(work, status=201)


@router.get(
    "/work-forms/{form}/paper",
    response_class=Response,
    **guard(Permission.WORK_FORM_ISSUE, audience=Audience.PARTY, grade=Grade.SENSITIVE),
)
async def paper(form: Annotated[api.FormNumber, Path()], scope: Within, caller: Caller, database: Database, sealer: Sealer) -> Response:
    """The form as a page to be printed."""
    async with database.reading() as session:
        issued, case, applicant = await queries.printed(session, caller.required_party(), form, scope, sealer)
    answer = Response(await asyncio.to_thread(_page, issued, case, applicant), media_type="text/html; charset=utf-8")
    return disclosed(answer, case.applicant, purpose=case.number, grade=Grade.SENSITIVE, items=("工作表单 work form",))


@router.get("/work-forms/reconciliation", **_READ)
async def reconciliation(
    caller: Caller, database: Database, clock: Clock, day: Annotated[date | None, Query()] = None
) -> api.Reconciliation:
    """Numbers and results of a day, today's if none is named, and everything that is still open."""
    async with database.reading() as session:
        return await queries.reconciliation(session, caller.required_party(), day or local_day(clock.now()))


@router.post(
    "/work-forms/findings/{finding_id}/settlement",
    response_model=api.Finding,
    **guard(Permission.WORK_FORM_SETTLE, audience=Audience.PARTY),
)
async def settle(finding_id: Id, body: api.SettleFinding, caller: Caller, clock: Clock, once: Once) -> Response:
    """Say what came of a finding."""
    party, officer = caller.required_party(), caller.required_officer()

    async def work(session: WriteSession) -> api.Finding:
        return queries.shown_finding(await repository.settle(session, party, finding_id, officer, body.note, clock.now()))

    return await once.answer(work)


@router.get("/work-forms/findings", **guard(Permission.WORK_FORM_READ, audience=Audience.OPERATOR))
async def findings(database: Database, after: Id | None = None) -> Page[api.Finding]:
    """What is open anywhere in the city."""
    async with database.reading() as session:
        return await queries.open_findings(session, after=after)


def _page(form: WorkForm, case: Case, applicant: str) -> bytes:
    out = io.BytesIO()
    segno.make(form.scanned, error="m").save(out, kind="svg", scale=3, xmldecl=False, svgns=True)
    page = _PAPER.format(
        number=form.number,
        check_code=form.check_code,
        case_number=form.case_number,
        matter=html.escape(case.matter_name),
        applicant=html.escape(applicant),
        issued=f"{form.issued_at:%Y-%m-%d %H:%M} UTC {form.issued_by}",
        code=out.getvalue().decode(),
    )
    return page.encode()
