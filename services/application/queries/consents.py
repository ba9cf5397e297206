from typing import Any

from sqlalchemy import Row, select, tuple_

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CaseNumber, CertificateId, ConsentId
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case
from services.application.domain.intake import FieldValue
from services.application.repository import Cases, in_matters
from services.application.tables import cases, consents

_PAGE = 50


async def consents_of(session: ReadSession, applicant: Applicant, *, before: ConsentId | None) -> Page[api.Consent]:
    """Newest first; `before` is the last consent of the page before."""
    mine = consents.c.person_id == applicant.subject
    if applicant.matters:
        mine &= in_matters(consents.c.case_number, applicant)
    place = tuple_(consents.c.given_at, consents.c.id)
    query = (
        select(consents, cases.c.agency_name, cases.c.decided_at)
        .join(cases, cases.c.number == consents.c.case_number)
        .where(mine)
        .order_by(consents.c.given_at.desc(), consents.c.id.desc())
        .limit(_PAGE + 1)
    )
    if before:
        last = select(consents.c.given_at, consents.c.id).where(consents.c.id == before, mine)
        query = query.where(place < last.scalar_subquery())
    rows = (await session.execute(query)).all()
    items = [_consent(row) for row in rows[:_PAGE]]
    return Page(items=items, next=items[-1].consent_id if len(rows) > _PAGE else None)


async def withdrawn_in(session: ReadSession, case: Case) -> set[str]:
    """The certificates that may no longer be looked at in the case. What a decision stood on stays with it."""
    if case.decided_at:
        return set()
    mine = (consents.c.case_number == case.number) & consents.c.withdrawn_at.is_not(None)
    return set((await session.execute(select(consents.c.certificate_id).where(mine))).scalars())


async def usable_values(session: ReadSession, case: Case, sealer: Sealer) -> list[FieldValue]:
    """The form without what was taken from certificates that may no longer be looked at."""
    repository = Cases(session, sealer)
    values = list(await repository.values(case))
    if not (withdrawn := await withdrawn_in(session, case)):
        return values
    copies = [each.copy for each in await repository.materials(case) if each.copy]
    hidden = {copy.identifier for copy in copies if copy.certificate_id in withdrawn}
    return [each for each in values if each.source not in hidden]


def _consent(row: Row[Any]) -> api.Consent:
    return api.Consent(
        consent_id=ConsentId(row.id),
        certificate_id=CertificateId(row.certificate_id),
        case_number=CaseNumber(row.case_number),
        purpose=row.purpose,
        agency_name=row.agency_name,
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
        is_served=row.decided_at is not None,
    )
