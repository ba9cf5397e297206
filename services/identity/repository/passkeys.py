from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from chassis.database import ReadSession
from contracts.values import PersonId, StaffId
from services.identity.domain.passkeys import Challenge, Passkey, Purpose
from services.identity.tables import challenges, passkeys


class Passkeys:
    """Passkeys of persons and of officers, and the challenges that wait for their answers."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, credential: bytes, *, lock: bool = False) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.credential == credential)
        return _passkey((await self._session.execute(query.with_for_update() if lock else query)).one_or_none())

    async def of(self, account: PersonId | StaffId) -> list[Passkey]:
        rows = await self._session.execute(select(passkeys).where(_mine(account)).order_by(passkeys.c.created_at))
        return [found for row in rows if (found := _passkey(row))]

    async def add(self, passkey: Passkey) -> None:
        owner = {"staff_id": passkey.account} if isinstance(passkey.account, StaffId) else {"person_id": passkey.account}
        row = {
            "credential": passkey.credential,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "is_synced": passkey.is_synced,
            "device": passkey.device,
            "created_at": passkey.created_at,
        }
        await self._session.execute(insert(passkeys).values(row | owner))

    async def used(self, credential: bytes, sign_count: int, at: datetime) -> None:
        query = update(passkeys).where(passkeys.c.credential == credential)
        await self._session.execute(query.values(sign_count=sign_count, last_used_at=at))

    async def remove(self, credential: bytes, account: PersonId | StaffId) -> None:
        await self._session.execute(delete(passkeys).where(passkeys.c.credential == credential, _mine(account)))

    async def remove_all(self, account: PersonId | StaffId) -> None:
        await self._session.execute(delete(passkeys).where(_mine(account)))

    async def ask(self, challenge: bytes, asked: Challenge) -> None:
        await self._session.execute(insert(challenges).values(challenge=challenge, **asdict(asked)))

    async def answer(self, challenge: bytes, purpose: Purpose, owner: bytes, at: datetime) -> Challenge | None:
        """What was asked by this challenge, once; None when it was not, or of somebody else, or too long ago."""
        mine = (challenges.c.challenge == challenge) & (challenges.c.owner == owner) & (challenges.c.purpose == purpose)
        row = (await self._session.execute(delete(challenges).where(mine).returning(challenges))).one_or_none()
        if row is None or row.expires_at <= at:
            return None
        return Challenge(purpose, owner, row.expires_at, StaffId.read(row.staff_id))


def _mine(account: PersonId | StaffId) -> Any:
    return passkeys.c.staff_id == account if isinstance(account, StaffId) else passkeys.c.person_id == account


def _passkey(row: Row[Any] | None) -> Passkey | None:
    if row is None:
        return None
    return Passkey(
        credential=row.credential,
        account=StaffId(row.staff_id) if row.staff_id else PersonId(row.person_id),
        public_key=row.public_key,
        sign_count=row.sign_count,
        is_synced=row.is_synced,
        device=row.device,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
