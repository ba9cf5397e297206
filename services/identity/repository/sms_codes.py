from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from services.identity.domain.persons import CODE_ATTEMPTS
from services.identity.tables import sms_codes


class SmsCodes:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def claim(self, phone_key: bytes, code: bytes, *, sent_at: datetime, expires_at: datetime, pause: timedelta) -> bool:
        """Put a new code in the place of one that was sent at least `pause` ago; False when there is a younger one."""
        row = {"phone_key": phone_key, "code": code, "attempts": 0, "sent_at": sent_at, "expires_at": expires_at}
        statement = upsert(sms_codes).values(row)
        claimed = await self._session.execute(
            statement.on_conflict_do_update(index_elements=["phone_key"], set_=row, where=sms_codes.c.sent_at <= sent_at - pause)
        )
        return claimed.rowcount == 1

    async def tried(self, phone_key: bytes, at: datetime) -> bytes | None:
        """Count one attempt; the code that is right now, as it was put, if there is one."""
        row = (
            await self._session.execute(
                update(sms_codes)
                .where(sms_codes.c.phone_key == phone_key, sms_codes.c.expires_at > at)
                .values(attempts=sms_codes.c.attempts + 1)
                .returning(sms_codes.c.code, sms_codes.c.attempts)
            )
        ).one_or_none()
        return row.code if row and row.attempts <= CODE_ATTEMPTS else None

    async def use(self, phone_key: bytes) -> bool:
        """True for the one who was first."""
        return (await self._session.execute(delete(sms_codes).where(sms_codes.c.phone_key == phone_key))).rowcount == 1
