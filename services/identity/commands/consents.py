"""What a person agrees that a client may know, and takes back. Source: 个人信息保护法 Art. 15."""

from datetime import datetime

from sqlalchemy import select, update

from chassis.database import ReadSession, WriteSession
from contracts.values import ConsentId, PersonId
from services.identity.commands.grants import revoke_grant
from services.identity.domain.authorization import AuthorizationRequest
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import PendingRequest, Session
from services.identity.repository import Consents
from services.identity.tables import client_consents, grants, sessions


async def is_needed(reading: ReadSession, client: Client, waiting: PendingRequest, request: AuthorizationRequest, sign_on: Session) -> bool:
    """Whether the person is still to be asked. Officers agree by their duties, the city's own channels need not ask."""
    if sign_on.person_id is None or not client.settings.asks_consent:
        return False
    if "consent" in waiting.prompts:
        return True
    return not request.consented <= await Consents(reading).given(sign_on.person_id, client.id)


async def give(session: WriteSession, request: AuthorizationRequest, sign_on: Session, *, at: datetime) -> None:
    """Remember what the person agreed to, where that is more than before."""
    if sign_on.person_id is None:
        return
    missing = request.consented - await Consents(session).given(sign_on.person_id, request.client_id)
    if missing:
        await Consents(session).give(sign_on.person_id, request.client_id, request.consented, at)


async def withdraw_from_client(session: WriteSession, consent_id: ConsentId, person_id: PersonId, *, at: datetime) -> bool:
    """False when the person gave no such consent to a client. What the client holds of the person ends with it."""
    mine = (client_consents.c.id == consent_id) & (client_consents.c.person_id == person_id)
    row = (await session.execute(select(client_consents).where(mine).with_for_update())).one_or_none()
    if row is None:
        return False
    if row.withdrawn_at is None:
        await session.execute(update(client_consents).where(mine).values(withdrawn_at=at))
        held = select(grants.c.id).join(sessions, sessions.c.id == grants.c.session_id)
        held = held.where(sessions.c.person_id == person_id, grants.c.client_id == row.client_id, grants.c.revoked_at.is_(None))
        for grant_id in (await session.execute(held.order_by(grants.c.id))).scalars().all():
            await revoke_grant(session, grant_id, at=at)
    return True
