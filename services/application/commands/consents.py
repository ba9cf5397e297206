"""What an applicant agreed to, and no longer agrees to."""

from datetime import datetime

from sqlalchemy import select, update

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import CaseNumber, ConsentId, PersonId
from services.application.commands.moving import note_act
from services.application.domain.case import NoSuchConsent
from services.application.domain.lifecycle import APPLICANT, Act
from services.application.repository import Cases
from services.application.tables import consents


async def withdraw(session: WriteSession, consent_id: ConsentId, person_id: PersonId, sealer: Sealer, *, at: datetime) -> datetime:
    """Since when it is withdrawn: only the first withdrawal counts. Raises NoSuchConsent. Source: 个人信息保护法 Art. 15."""
    mine = (consents.c.id == consent_id) & (consents.c.person_id == person_id)
    row = (await session.execute(select(consents).where(mine).with_for_update())).one_or_none()
    if row is None:
        raise NoSuchConsent
    withdrawn_at: datetime | None = row.withdrawn_at
    if withdrawn_at:
        return withdrawn_at
    await session.execute(update(consents).where(mine).values(withdrawn_at=at))
    case = await Cases(session, sealer).numbered(CaseNumber(row.case_number))
    await note_act(session, case, Act.WITHDRAW_CONSENT, by=APPLICANT, at=at)
    return at
