from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from services.identity.domain.attempts import Attempts as Failures
from services.identity.tables import attempts, challenges, sms_codes

_AT_ONCE = 5000


class Attempts:
    """Failures by the keyed hash of whose they are."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def of(self, key: bytes, at: datetime) -> Failures:
        row = (await self._session.execute(select(attempts).where(attempts.c.key == key))).one_or_none()
        return Failures(row.since, row.failures, row.locked_until) if row else Failures(at)

    async def counting(self, key: bytes, at: datetime) -> Failures:
        """The same, while nobody else counts: of many guesses at once none is lost."""
        first = upsert(attempts).values(key=key, **asdict(Failures(at))).on_conflict_do_nothing()
        await self._session.execute(first)
        row = (await self._session.execute(select(attempts).where(attempts.c.key == key).with_for_update())).one()
        return Failures(row.since, row.failures, row.locked_until)

    async def save(self, key: bytes, failures: Failures) -> None:
        said = asdict(failures)
        await self._session.execute(upsert(attempts).values(key=key, **said).on_conflict_do_update(index_elements=["key"], set_=said))

    async def forget(self, key: bytes) -> None:
        await self._session.execute(delete(attempts).where(attempts.c.key == key))


async def forget_proofs(session: WriteSession, before: datetime) -> int:
    """Failures, challenges and codes that nobody asks for any more."""
    forgotten = 0
    for table, mark in (
        (attempts, attempts.c.since),
        (challenges, challenges.c.expires_at),
        (sms_codes, sms_codes.c.expires_at),
    ):
        [key] = table.primary_key.columns
        old = select(key).where(mark < before).limit(_AT_ONCE)
        forgotten += (await session.execute(delete(table).where(key.in_(old)))).rowcount
    return forgotten
