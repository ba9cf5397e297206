import re
from typing import Annotated, Final

from fastapi import Header, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from chassis.http.caller import KnownCaller
from contracts.api import catalogue as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import BasicCode, Grade, Id
from services.catalogue.commands import drafting
from services.catalogue.domain.drafts import Draft, DraftRevisionRequired, Writer
from services.catalogue.queries import drafts as queries

router = Router()

_DRAFT = guard(Permission.MATTER_DRAFT, audience=Audience.PARTY, grade=Grade.INTERNAL)
_REVIEW = guard(Permission.MATTER_REVIEW, audience=Audience.PARTY, grade=Grade.INTERNAL)
_TAG: Final = re.compile(r'(?:W/)?"([0-9]{1,9})"')

IfMatch = Annotated[str, Header()]


def writer_of(caller: KnownCaller) -> Writer:
    """Raises Forbidden without a party or an officer."""
    return Writer(caller.required_party(), caller.required_officer(), caller.party_kind == "district", caller.division)


def _revision(if_match: str) -> int:
    """The revision that the caller read. Source: RFC 9110 13.1.1; RFC 6585 3."""
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise DraftRevisionRequired
    return int(tag[1])


def _told(response: Response, draft: Draft) -> api.DraftSummary:
    response.headers["etag"] = f'"{draft.revision}"'
    return queries.summary(draft)


@router.post("/matter-drafts", status_code=201, response_model=api.DraftSummary, **_DRAFT)
async def start(body: api.StartDraft, caller: Caller, once: Once, clock: Clock) -> Response:
    """Begin a draft: a new matter, the revision of a published one, or the own terms of one implementation."""
    writer = writer_of(caller)

    async def work(session: WriteSession) -> api.DraftSummary:
        return queries.summary(await drafting.start(session, body, writer, at=clock.now()))

    answer = await once.answer(work, status=201)
    answer.headers["etag"] = '"1"'
    return answer


@router.get("/matter-drafts", **_DRAFT)
async def listed(
    caller: Caller,
    database: Database,
    state: api.DraftState | None = None,
    basic_code: BasicCode | None = None,
    after: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Page[api.DraftSummary]:
    """Our drafts, the last changed first."""
    async with database.reading() as session:
        return await queries.drafts_of(session, caller.required_party(), state=state, basic_code=basic_code, offset=after)


@router.get("/matter-drafts/{draft_id}", **_DRAFT)
async def draft(draft_id: Id, caller: Caller, database: Database, response: Response) -> api.Draft:
    """A draft whole; its ETag goes into If-Match of whatever is done with it next."""
    async with database.reading() as session:
        found = await queries.draft(session, caller.required_party(), draft_id)
    response.headers["etag"] = f'"{found.revision}"'
    return found


@router.get("/matter-drafts/{draft_id}/preview", **_DRAFT)
async def preview(draft_id: Id, caller: Caller, database: Database) -> api.DraftPreview:
    """What publishing the draft now would change, and which rules keep it from that."""
    async with database.reading() as session:
        return await queries.preview(session, caller.required_party(), draft_id)


@router.put("/matter-drafts/{draft_id}", **_DRAFT)
async def edit(
    draft_id: Id, body: api.EditDraft, caller: Caller, database: Database, clock: Clock, response: Response, if_match: IfMatch = ""
) -> api.DraftSummary:
    """Say the content anew. Whoever edits is an author and cannot review."""
    async with database.transaction() as session:
        edited = await drafting.edit(session, draft_id, _revision(if_match), body, writer_of(caller), at=clock.now())
    return _told(response, edited)


@router.post("/matter-drafts/{draft_id}/submission", **_DRAFT)
async def submit(
    draft_id: Id, caller: Caller, database: Database, clock: Clock, response: Response, if_match: IfMatch = ""
) -> api.DraftSummary:
    """Hand it to a second officer of ours."""
    async with database.transaction() as session:
        submitted = await drafting.submit(session, draft_id, _revision(if_match), writer_of(caller), at=clock.now())
    return _told(response, submitted)


@router.post("/matter-drafts/{draft_id}/withdrawal", **_DRAFT)
async def withdraw(
    draft_id: Id, caller: Caller, database: Database, clock: Clock, response: Response, if_match: IfMatch = ""
) -> api.DraftSummary:
    """Give up what is not published."""
    async with database.transaction() as session:
        withdrawn = await drafting.withdraw(session, draft_id, _revision(if_match), writer_of(caller), at=clock.now())
    return _told(response, withdrawn)


@router.post("/matter-drafts/{draft_id}/review", **_REVIEW)
async def review(
    draft_id: Id, body: api.ReviewDraft, caller: Caller, database: Database, clock: Clock, response: Response, if_match: IfMatch = ""
) -> api.DraftSummary:
    """Approve or reject what another officer wrote."""
    async with database.transaction() as session:
        reviewed = await drafting.review(session, draft_id, _revision(if_match), body, writer_of(caller), at=clock.now())
    return _told(response, reviewed)


@router.post("/matter-drafts/{draft_id}/publication", **_REVIEW)
async def publish(
    draft_id: Id, body: api.PublishDraft, caller: Caller, database: Database, clock: Clock, response: Response, if_match: IfMatch = ""
) -> api.DraftSummary:
    """Publish what is approved, in force at once or from a later moment on."""
    async with database.transaction() as session:
        published = await drafting.publish(session, draft_id, _revision(if_match), body, writer_of(caller), at=clock.now())
    return _told(response, published)
