from typing import Annotated, Literal

from fastapi import Depends, Header, Request, Response
from starlette.responses import HTMLResponse

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, disclose_own, guard
from chassis.working_days import local_day
from contracts.api import rating as api
from contracts.api.file import FileSection
from contracts.permissions import Permission
from contracts.problems import preferred_language
from contracts.strict import Page
from contracts.values import CreditCode, Grade, Id, OrganisationId, RatingId, TaskCode
from services.rating import commands, queries
from services.rating.domain import NoSuchTicket, Unit
from services.rating.pages import Pages as RatingPages

router = Router()


async def _pages(request: Request) -> RatingPages:
    pages: RatingPages = request.app.state.pages
    return pages


async def _unit(caller: Caller) -> Unit:
    return Unit.of(caller.party_kind, caller.division, caller.agency)


Pages = Annotated[RatingPages, Depends(_pages)]
Responsible = Annotated[Unit, Depends(_unit)]

_PERSON = guard(Permission.RATING_SUBMIT, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL)
_UNIT = guard(Permission.RATING_ANSWER, audience=Audience.PARTY)
_EVERYBODY = guard(Permission.RATING_READ, audience=Audience.OPEN, grade=Grade.PUBLIC)


@router.get("/ratings/invitations", **_PERSON)
async def invitations(caller: Caller, database: Database, clock: Clock, due: bool = False) -> list[api.Invitation]:
    """My tickets: which of my closed cases I may rate, until when, and which I have rated; `due` leaves out what is over."""
    async with database.reading() as session:
        return await queries.invitations(session, caller.required_person(), due_at=clock.now() if due else None)


@router.get(
    "/organisations/{organisation_id}/invitations",
    **guard(Permission.RATING_SUBMIT, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL),
)
async def invitations_of(
    organisation_id: OrganisationId, caller: Caller, database: Database, clock: Clock, response: Response, due: bool = False
) -> list[api.Invitation]:
    """For whoever acts for the organisation: its closed cases that are rated by the person who submitted each."""
    if caller.organisation != organisation_id:
        raise NoSuchTicket
    async with database.reading() as session:
        at = clock.now() if due else None
        found = await queries.invitations_of(session, organisation_id, matters=caller.mandate_matters, due_at=at)
    if found:
        disclose_own(response, caller, purpose="代办查询 by mandate", items=("评价邀请 invitations",))
    return found


@router.post("/ratings", status_code=201, response_model=api.Submitted, **_PERSON)
async def submit(body: api.Submit, caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Rate a closed case, once."""

    async def work(session: WriteSession) -> api.Submitted:
        return queries.submitted(await commands.submit(session, body, sealer, by=caller.required_person(), at=clock.now()))

    return await once.answer(work, status=201)


@router.get("/ratings/mine", **_PERSON)
async def mine(caller: Caller, database: Database, sealer: Sealer, response: Response) -> list[api.OwnRating]:
    """What I rated, and what was replied."""
    person_id = caller.required_person()
    async with database.reading() as session:
        found = await queries.mine(session, person_id, sealer)
    if found:
        disclose(response, subjects=[person_id], purpose="own ratings", items=("评价",))
    return found


@router.get("/subjects/{subject_id}/file", **guard(audience=Audience.INTERNAL, services=("identity",), grade=Grade.PERSONAL))
async def file(
    subject_id: Id,
    caller: Caller,
    database: Database,
    sealer: Sealer,
    response: Response,
    before: RatingId | None = None,
    reveal: bool = False,
) -> FileSection:
    """What is kept here of the subject on whose behalf identity asks."""
    caller.check_subject(subject_id)
    async with database.reading() as session:
        found = await queries.file(session, subject_id, sealer, before=before, reveal=reveal)
    if found.items:
        disclose_own(response, caller, purpose=caller.purpose or "unstated", items=("评价 ratings",))
    return found


@router.get("/ratings/tags", **guard(Permission.RATING_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def tags() -> list[api.TagText]:
    """The national evaluation items 评价项; the first digit of a code is the number of stars it goes with."""
    return queries.tags()


@router.get("/ratings/tasks", **_UNIT)
async def tasks(unit: Responsible, database: Database, clock: Clock, sealer: Sealer, after: RatingId | None = None) -> Page[api.Task]:
    """Bad ratings that wait for the reply of the caller's district or agency."""
    async with database.reading() as session:
        return await queries.tasks(session, unit, sealer, after=after, today=local_day(clock.now()))


@router.post("/ratings/{rating_id}/reply", response_model=api.Replied, **_UNIT)
async def reply(
    rating_id: RatingId, body: api.Reply, unit: Responsible, caller: Caller, clock: Clock, once: Once, sealer: Sealer
) -> Response:
    """Answer a bad rating; the reply is published beside it."""
    officer, at = caller.required_officer(), clock.now()

    async def work(session: WriteSession) -> api.Replied:
        rating = await commands.reply(session, rating_id, body, sealer, unit=unit, by=officer, at=at)
        return api.Replied(rating_id=rating.id, state=rating.state, replied_at=at)

    return await once.answer(work)


@router.get("/ratings", **_EVERYBODY)
async def published(
    database: Database,
    sealer: Sealer,
    agency: CreditCode | None = None,
    task_code: TaskCode | None = None,
    after: RatingId | None = None,
) -> Page[api.PublicRating]:
    """Ratings and the replies to them, for everybody, newest first."""
    async with database.reading() as session:
        return await queries.published(session, sealer, agency=agency, task_code=task_code, after=after)


@router.get("/ratings/page", response_class=HTMLResponse, **_EVERYBODY)
async def page(
    database: Database,
    sealer: Sealer,
    pages: Pages,
    agency: CreditCode | None = None,
    task_code: TaskCode | None = None,
    after: RatingId | None = None,
    lang: Literal["zh", "en"] | None = None,
    accept_language: Annotated[str, Header()] = "",
) -> HTMLResponse:
    """The same as a page that needs no script, in Chinese or English."""
    async with database.reading() as session:
        found = await queries.published(session, sealer, agency=agency, task_code=task_code, after=after)
    chosen = {"agency": agency, "task_code": task_code}
    return pages.published(found, language=lang or preferred_language(accept_language), chosen=chosen, after=after)
