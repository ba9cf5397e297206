"""暂存: filled in on one device, gone on with on another."""

from fastapi import Response

from chassis.database import WriteSession
from chassis.errors import ServiceError
from chassis.http import Audience, Clock, Database, Once, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import DraftId, Grade
from services.application.commands import drafts
from services.application.domain.changes import changed
from services.application.neighbours import Asked as Questions
from services.application.queries import drafts as queries
from services.application.repository import Draft, Drafts
from services.application.routes.dependencies import Applicant, Asked, Limits, disclosed

router = Router()

_EDIT = guard(Permission.DRAFT_EDIT, audience=Audience.SUBJECT, assurance=2, grade=Grade.SENSITIVE)


@router.post("/drafts", status_code=201, response_model=api.DraftSummary, **_EDIT)
async def start(
    body: api.StartDraft, applicant: Applicant, clock: Clock, once: Once, asked: Asked, sealer: Sealer, limits: Limits
) -> Response:
    """Keep what I have filled in so far; nothing has to be complete. The answer says by which id it is found again."""
    applicant.check_matter(body.task_code)
    if earlier := await once.stored():
        return earlier
    definition = await asked.definition(body.task_code, situation=body.situation)

    async def work(session: WriteSession) -> api.DraftSummary:
        draft = await drafts.start(session, body, definition, applicant, sealer, at=clock.now())
        # Without what is in it: the answer is kept for retries, and not sealed.
        return queries.summed_up(draft, kept=limits.drafts_kept)

    return await once.answer(work, status=201)


@router.get("/drafts", **_EDIT)
async def mine(applicant: Applicant, database: Database, sealer: Sealer, limits: Limits) -> list[api.DraftSummary]:
    """My drafts, or those of the mandate I act under, the one that was edited last first."""
    async with database.reading() as session:
        return await queries.drafts_of(session, applicant, sealer, kept=limits.drafts_kept)


@router.get("/drafts/{draft_id}", **_EDIT)
async def one(
    draft_id: DraftId, applicant: Applicant, database: Database, asked: Asked, sealer: Sealer, limits: Limits, response: Response
) -> api.Draft:
    """A draft, and what a newer version of the matter asks otherwise."""
    async with database.reading() as session:
        draft = await Drafts(session, sealer).one(applicant, draft_id)
    if applicant.actor:
        disclosed(response, applicant, purpose="代办草稿 draft by mandate", grade=Grade.SENSITIVE, items=("草稿 draft",))
    return queries.presented(draft, await _changed(draft, asked), kept=limits.drafts_kept)


@router.put("/drafts/{draft_id}", **_EDIT)
async def save(
    draft_id: DraftId, body: api.SaveDraft, applicant: Applicant, database: Database, clock: Clock, sealer: Sealer, limits: Limits
) -> api.Draft:
    """Keep all of it anew, unless somebody saved it since I read it."""
    async with database.transaction() as session:
        draft = await drafts.save(session, draft_id, body, applicant, sealer, at=clock.now())
    return queries.presented(draft, None, kept=limits.drafts_kept)


@router.delete("/drafts/{draft_id}", status_code=204, response_class=Response, **_EDIT)
async def discard(draft_id: DraftId, applicant: Applicant, database: Database) -> Response:
    async with database.transaction() as session:
        await drafts.discard(session, draft_id, applicant)
    return Response(status_code=204)


async def _changed(draft: Draft, asked: Questions) -> api.FormChange | None:
    """None while the catalogue does not say: a draft can be read whatever becomes of the matter."""
    try:
        now = await asked.definition(draft.task_code, situation=draft.situation)
        if now.version == draft.version:
            return None
        return changed(await asked.definition(draft.task_code, version=draft.version, situation=draft.situation), now)
    except ServiceError:
        return None
