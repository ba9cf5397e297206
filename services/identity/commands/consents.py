"""What a person agrees that a client may know."""

from datetime import datetime

from chassis.database import ReadSession, WriteSession
from services.identity.domain.authorization import AuthorizationRequest
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import PendingRequest, Session
from services.identity.repository import Consents


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
