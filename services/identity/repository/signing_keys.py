from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, or_, select, update

from chassis.database import ReadSession
from chassis.sealing import Sealer
from services.identity.domain.signing_keys import StoredKey
from services.identity.tables import signing_keys

_LOCK: Final = 0x7369676E
"""One process at a time makes keys."""


class SigningKeys:
    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def lock(self) -> None:
        await self._session.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    async def believed(self, at: datetime) -> list[StoredKey]:
        """All that may be believed at that time, those that only will sign later too."""
        held = or_(signing_keys.c.retires_at.is_(None), signing_keys.c.retires_at > at)
        rows = await self._session.execute(select(signing_keys).where(held).order_by(signing_keys.c.signs_from))
        return [self._key(row) for row in rows]

    async def add(self, key: StoredKey, *, by: str | None) -> None:
        row = {
            "kid": key.kid,
            "alg": key.alg,
            "private_key": self._sealer.seal_bytes(key.pem),
            "created_at": key.created_at,
            "signs_from": key.signs_from,
            "rotated_by": by,
        }
        await self._session.execute(insert(signing_keys).values(row))

    async def retire(self, alg: str, *, but: str, at: datetime) -> None:
        """The keys of an algorithm, but for one, are believed until `at` and no longer."""
        longer = or_(signing_keys.c.retires_at.is_(None), signing_keys.c.retires_at > at)
        others = (signing_keys.c.alg == alg) & (signing_keys.c.kid != but)
        await self._session.execute(update(signing_keys).where(others, longer).values(retires_at=at))

    async def known(self, kid: str) -> bool:
        """Also of a key that has retired."""
        return (await self._session.execute(select(signing_keys.c.kid).where(signing_keys.c.kid == kid))).one_or_none() is not None

    def _key(self, row: Row[Any]) -> StoredKey:
        return StoredKey(row.kid, row.alg, self._sealer.open_bytes(row.private_key), row.created_at, row.signs_from, row.retires_at)
