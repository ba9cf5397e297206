from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import DraftId, TaskCode
from services.application.domain.applicant import Applicant
from services.application.repository import Draft, Drafts


async def drafts_of(session: ReadSession, applicant: Applicant, sealer: Sealer, *, kept: timedelta) -> list[api.DraftSummary]:
    """The one that was edited last first."""
    return [summed_up(row, kept=kept) for row in await Drafts(session, sealer).all(applicant)]


def presented(draft: Draft, changed: api.FormChange | None, *, kept: timedelta) -> api.Draft:
    return api.Draft(
        **dict(summed_up(draft, kept=kept)),
        version=draft.version,
        values=draft.values,
        materials=list(draft.materials),
        situation=draft.situation,
        changed=changed,
    )


def summed_up(draft: Draft | Row[Any], *, kept: timedelta) -> api.DraftSummary:
    return api.DraftSummary(
        draft_id=DraftId(draft.id),
        task_code=TaskCode(draft.task_code),
        matter_name=draft.matter_name,
        revision=draft.revision,
        began_at=draft.began_at,
        edited_at=draft.edited_at,
        kept_until=draft.edited_at + kept,
    )
