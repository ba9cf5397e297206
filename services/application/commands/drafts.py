"""暂存: what an applicant fills in, on whichever device."""

from dataclasses import replace
from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.api.catalogue import Definition
from contracts.values import DraftId
from services.application.domain.applicant import Applicant
from services.application.repository import Draft, Drafts, take_draft


async def start(
    session: WriteSession, wanted: api.StartDraft, definition: Definition, applicant: Applicant, sealer: Sealer, *, at: datetime
) -> Draft:
    """The first edit. Raises TooManyDrafts."""
    draft = Draft(
        id=DraftId.new(),
        task_code=wanted.task_code,
        version=wanted.version,
        situation=wanted.situation,
        matter_name=definition.name,
        values=wanted.values,
        materials=tuple(wanted.materials),
        revision=1,
        began_at=at,
        edited_at=at,
    )
    await Drafts(session, sealer).add(applicant, draft)
    return draft


async def save(
    session: WriteSession, draft_id: DraftId, wanted: api.SaveDraft, applicant: Applicant, sealer: Sealer, *, at: datetime
) -> Draft:
    """Nobody who saved in between is overwritten. Raises NoSuchDraft, DraftHasChanged."""
    drafts = Drafts(session, sealer)
    known = await drafts.one(applicant, draft_id)
    edited = replace(
        known,
        version=wanted.version,
        situation=wanted.situation,
        values=wanted.values,
        materials=tuple(wanted.materials),
        revision=wanted.revision + 1,
        edited_at=at,
    )
    await drafts.save(applicant, edited, read=wanted.revision)
    return edited


async def discard(session: WriteSession, draft_id: DraftId, applicant: Applicant) -> None:
    """Raises NoSuchDraft."""
    await take_draft(session, applicant, draft_id)
