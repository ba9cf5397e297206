"""What identity asks on behalf of a subject: what is kept of them here, and what they agreed to."""

from typing import Annotated

from fastapi import Query, Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose_own, guard
from contracts.api import application as api
from contracts.api.file import FileSection
from contracts.strict import Page
from contracts.values import ConsentId, Grade, Id, PersonId
from services.application.commands import consents
from services.application.domain.applicant import Applicant
from services.application.queries.consents import consents_of
from services.application.queries.file import SECTIONS, file_of

router = Router()

_IDENTITY = guard(audience=Audience.INTERNAL, services=("identity",), grade=Grade.SENSITIVE)


@router.get("/subjects/{subject_id}/file", **_IDENTITY)
async def file(
    subject_id: Id,
    caller: Caller,
    database: Database,
    sealer: Sealer,
    response: Response,
    before: Annotated[str, Query(max_length=64)] = "",
    reveal: bool = False,
) -> FileSection:
    """Their cases, drafts, files and the documents that were issued to them: each record says which of these it is."""
    caller.check_subject(subject_id)
    async with database.reading() as session:
        found = await file_of(session, subject_id, sealer, before=before, reveal=reveal)
    if shown := {each.section for each in found.items}:
        items = [title for section, title in SECTIONS.items() if section in shown]
        disclose_own(response, caller, purpose=caller.purpose or "unstated", grade=Grade.SENSITIVE, items=items)
    return found


@router.get("/subjects/{subject_id}/consents", **_IDENTITY)
async def given(subject_id: PersonId, caller: Caller, database: Database, before: ConsentId | None = None) -> Page[api.Consent]:
    caller.check_subject(subject_id)
    async with database.reading() as session:
        return await consents_of(session, Applicant(subject_id), before=before)


@router.post("/subjects/{subject_id}/consents/{consent_id}/withdrawal", **_IDENTITY)
async def withdraw(
    subject_id: PersonId, consent_id: ConsentId, caller: Caller, database: Database, clock: Clock, sealer: Sealer
) -> api.ConsentWithdrawn:
    caller.check_subject(subject_id)
    async with database.transaction() as session:
        withdrawn_at = await consents.withdraw(session, consent_id, subject_id, sealer, at=clock.now())
    return api.ConsentWithdrawn(consent_id=consent_id, withdrawn_at=withdrawn_at)
