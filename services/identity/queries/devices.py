from datetime import datetime

from chassis.database import ReadSession
from contracts.api.identity import sign_on as api
from contracts.values import PersonId
from services.identity.repository import Sessions


async def devices(session: ReadSession, person_id: PersonId, *, current: str | None, at: datetime) -> list[api.Device]:
    """The person's sign-ons that have not ended, newest first."""
    return [
        api.Device(
            session_id=each.id,
            device=each.device,
            methods=list(each.methods),
            assurance=int(each.level(at)),
            signed_on_at=each.signed_on_at,
            last_seen_at=each.last_seen_at,
            expires_at=each.expires_at,
            is_current=each.id == current,
        )
        for each in await Sessions(session).live_of(person_id, at)
    ]
