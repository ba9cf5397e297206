from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer, one_at_a_time
from services.identity.domain.persons import CODE_ATTEMPTS
from services.identity.tables import sms_codes


class SmsCodes:
    """Codes, sealed: six digits are guessed from a plain hash at once. `about` is a phone, or a purpose and a phone."""

    def __init__(self, session: WriteSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def claim(self, about: str, code: str, *, sent_at: datetime, expires_at: datetime, pause: timedelta) -> bool:
        """Put a new code in the place of one that was sent at least `pause` ago; False when there is a younger one."""
        await one_at_a_time(self._session, self._sealer, about)
        await self._session.execute(delete(sms_codes).where(self._of(about), sms_codes.c.sent_at <= sent_at - pause))
        if (await self._session.execute(select(sms_codes.c.sent_at).where(self._of(about)))).first():
            return False
        row = {
            "phone_key": self._sealer.lookup(about),
            "phone": self._sealer.seal(about),
            "code": self._sealer.seal(code),
            "attempts": 0,
            "sent_at": sent_at,
            "expires_at": expires_at,
        }
        return (await self._session.execute(upsert(sms_codes).values(row).on_conflict_do_nothing())).rowcount == 1

    async def tried(self, about: str, at: datetime) -> str | None:
        """Count one attempt; the code that is right now, if there is one."""
        row = (
            await self._session.execute(
                update(sms_codes)
                .where(self._of(about), sms_codes.c.expires_at > at)
                .values(attempts=sms_codes.c.attempts + 1)
                .returning(sms_codes.c.code, sms_codes.c.attempts)
            )
        ).one_or_none()
        return self._sealer.open(row.code) if row and row.attempts <= CODE_ATTEMPTS else None

    async def use(self, about: str) -> bool:
        """True for the one who was first."""
        return (await self._session.execute(delete(sms_codes).where(self._of(about)))).rowcount == 1

    def _of(self, about: str) -> ColumnElement[bool]:
        return sms_codes.c.phone_key.in_(self._sealer.lookups(about))
