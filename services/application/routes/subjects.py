"""What identity asks on behalf of a subject: what is kept of them here, and what they agreed to."""

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose_own, guard
from contracts.api import application as api
from contracts.api.file import FileSection
from contracts.strict import Page
from contracts.values import CaseNumber, ConsentId, Grade, Id, PersonId
from services.application.commands import consents
from services.application.domain.applicant import Applicant
from services.application.queries.consents import consents_of
from services.application.queries.file import cases_of

router = Router()

_IDENTITY = guard(audience=Audience.INTERNAL, services=("identity",), grade=Grade.SENSITIVE)


@router.get("/subjects/{subject_id}/file", **_IDENTITY)
async def file(
    subject_id: Id,
    caller: Caller,
    database: Database,
    sealer: Sealer,
    response: Response,
    before: CaseNumber | None = None,
    reveal: bool = False,
) -> FileSection:
    caller.check_subject(subject_id)
    async with database.reading() as session:
        found = await cases_of(session, subject_id, sealer, before=before, reveal=reveal)
    if found.items:
        disclose_own(response, caller, purpose=caller.purpose or "unstated", grade=Grade.SENSITIVE, items=("办件 cases",))
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
