"""Between acceptance and decision: opinions by step, returns, procedures that stop the clock and that do not, hearing, extension."""

from fastapi import Response

from chassis import working_days
from chassis.http import Audience, Router, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import CaseNumber
from services.application.domain import guide
from services.application.domain.case import Case, Chair, Extension, Inside, Notice, Procedure, ReviewStep, Special, Suspension
from services.application.domain.intake import check_notice
from services.application.domain.lifecycle import Act, Role
from services.application.domain.supervision import RuleCode
from services.application.routes.deciding import Plain
from services.application.routes.dependencies import Asked
from services.application.routes.desk import Desk, guide_of

router = Router()

_REVIEW = guard(Permission.CASE_REVIEW, audience=Audience.PARTY)


@router.post("/cases/{number}/review", response_model=api.Case, **_REVIEW)
async def begin(number: CaseNumber, desk: Desk, body: Plain) -> Response:
    """Begin the review; whoever reviews does not decide."""
    return await desk.do(number, Act.BEGIN_REVIEW, Role.REVIEWER, lambda case: case.begin_review(by=desk.officer), body)


@router.post("/cases/{number}/review/steps", response_model=api.Case, **_REVIEW)
async def conclude_step(number: CaseNumber, body: api.ConcludeStep, desk: Desk, asked: Asked) -> Response:
    """Give the opinion of a step of the guide."""
    case, _ = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R07):
        named = guide.step_of(definition, body.step)
        guide.cited(definition, guide.materials(body.materials), fields=body.fields)
    step = ReviewStep(body.step, named.text, body.opinion, tuple(body.fields), tuple(body.materials), desk.officer, desk.now)
    return await desk.do(
        number, Act.CONCLUDE_STEP, Role.REVIEWER, lambda case: case.conclude_step(step), body, note=f"{named.text}：{body.opinion}"
    )


@router.post("/cases/{number}/review/returns", response_model=api.Case, **_REVIEW)
async def return_case(number: CaseNumber, body: api.ReturnCase, desk: Desk, asked: Asked) -> Response:
    """Ask the applicant, once a step; the answer comes straight back to this step."""
    case, values = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R07):
        cites = guide.cited(definition, [f"step:{body.step}", *guide.materials(body.materials), *body.cites], fields=body.fields)
        check_notice(definition, values, body.materials, body.fields)
        notice = Notice(body.text, tuple(body.materials), tuple(body.fields), desk.now, cites, body.step)
        return await desk.do(
            number, Act.RETURN, Role.REVIEWER, lambda case: case.return_for_correction(notice), body, note=f"{cites[0].text}：{body.text}"
        )


@router.post("/cases/{number}/procedures", response_model=api.Case, **_REVIEW)
async def begin_procedure(number: CaseNumber, body: api.BeginProcedure, desk: Desk, asked: Asked) -> Response:
    """Begin a site survey, a technical review or a public discussion: the clock goes on, and the published limit holds."""
    case, _ = await desk.read(number)
    if earlier := await desk.stored():
        return earlier
    definition = await guide_of(asked, case)
    async with desk.supervised(case, RuleCode.R07):
        [citation] = guide.cited(definition, [body.cites])
        limit = guide.limit_of(definition, citation)
    begun = Procedure(Inside(body.kind), citation, body.reason, desk.now, limit)
    return await desk.do(
        number, Act.BEGIN_PROCEDURE, Role.REVIEWER, lambda case: case.begin_procedure(begun), body, note=f"{citation.text}：{body.reason}"
    )


@router.post("/cases/{number}/procedure-ends", response_model=api.Case, **_REVIEW)
async def end_procedure(number: CaseNumber, body: api.EndProcedure, desk: Desk) -> Response:
    """End it, and say what it came to."""
    at = desk.now
    officers = (desk.officer, body.with_officer) if body.with_officer else (desk.officer,)

    def ended(case: Case) -> Case:
        return case.end_procedure(body.kind, at=at, outcome=body.outcome, officers=officers)

    return await desk.do(number, Act.END_PROCEDURE, Role.REVIEWER, ended, body, note=f"{Inside(body.kind).zh}：{body.outcome}")


@router.post("/cases/{number}/suspension", response_model=api.Case, **_REVIEW)
async def suspend(number: CaseNumber, body: api.Suspend, desk: Desk) -> Response:
    """Begin one of the eight procedures whose time does not count."""
    procedure = Special(body.procedure)
    begun = Suspension(procedure, body.reason, desk.now, body.expected_working_days)
    return await desk.do(
        number, Act.SUSPEND, Role.REVIEWER, lambda case: case.suspend(begun), body, note=f"{procedure.zh} {procedure.en}：{body.reason}"
    )


@router.post("/cases/{number}/resumption", response_model=api.Case, **_REVIEW)
async def resume(number: CaseNumber, body: api.Resume, desk: Desk) -> Response:
    """End it: the clock goes on."""
    at = desk.now
    return await desk.do(number, Act.RESUME, Role.REVIEWER, lambda case: case.resume(at=at, outcome=body.outcome), body, note=body.outcome)


@router.post("/cases/{number}/hearing-offer", response_model=api.Case, **_REVIEW)
async def offer_hearing(number: CaseNumber, body: api.OfferHearing, desk: Desk) -> Response:
    """Tell the applicant that they may ask for a hearing within five working days."""
    at = desk.now

    def told(case: Case) -> Case:
        return case.offer_hearing(at=at, calendar=working_days.known(), about=body.about)

    return await desk.do(number, Act.OFFER_HEARING, Role.REVIEWER, told, body, note=body.about)


@router.post("/cases/{number}/hearing-announcement", response_model=api.Case, **_REVIEW)
async def announce_hearing(number: CaseNumber, body: api.AnnounceHearing, desk: Desk) -> Response:
    """Tell the applicant when, where and before whom the hearing is held that they asked for."""
    at = desk.now

    chair = Chair(body.chair, body.chair_name) if body.chair and body.chair_name else None

    def announced(case: Case) -> Case:
        return case.announce_hearing(opens_at=body.opens_at, place=body.place, chair=chair, at=at, calendar=working_days.known())

    said = f"{body.opens_at.astimezone(working_days.SHANGHAI):%Y-%m-%d %H:%M} {body.place} {body.chair_name or ''}".rstrip()
    return await desk.do(number, Act.ANNOUNCE_HEARING, Role.REVIEWER, announced, body, note=said)


@router.post("/cases/{number}/hearing", response_model=api.Case, **_REVIEW)
async def hold_hearing(number: CaseNumber, body: api.HoldHearing, desk: Desk) -> Response:
    """The hearing was held, and what it came to."""
    at = desk.now
    return await desk.do(
        number, Act.HOLD_HEARING, Role.REVIEWER, lambda case: case.hold_hearing(at=at, outcome=body.outcome), body, note=body.outcome
    )


@router.post("/cases/{number}/extension", response_model=api.Case, **guard(Permission.CASE_EXTEND, audience=Audience.PARTY))
async def extend(number: CaseNumber, body: api.Extend, desk: Desk) -> Response:
    """Extend the term, once, as the head of the agency."""
    extension = Extension(body.working_days, body.reason, desk.officer, desk.now)

    def extended(case: Case) -> Case:
        return case.extend(extension, calendar=working_days.known())

    return await desk.do(number, Act.EXTEND, Role.HEAD, extended, body, note=body.reason)
