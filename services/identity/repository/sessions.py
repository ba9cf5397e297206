from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from chassis.database import ReadSession
from contracts.values import Assurance, PersonId, SessionId, StaffId
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import Session
from services.identity.tables import sessions


class Sessions:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, sign_on: Session, cookie: str) -> None:
        row = {"id": sign_on.id, "person_id": sign_on.person_id, "staff_id": sign_on.staff_id, "signed_on_at": sign_on.signed_on_at}
        await self._session.execute(insert(sessions).values(row | _state(sign_on) | {"cookie": digest(cookie)}))

    async def save(self, sign_on: Session, *, cookie: str | None = None) -> None:
        """`cookie` takes the place of the old one: whoever knew that knows nothing any more."""
        fresh = {"cookie": digest(cookie)} if cookie else {}
        await self._session.execute(update(sessions).where(sessions.c.id == sign_on.id).values(_state(sign_on) | fresh))

    async def of_cookie(self, cookie: str) -> Session | None:
        return await self._one(select(sessions).where(sessions.c.cookie == digest(cookie)))

    async def get(self, session_id: str, *, lock: bool = False) -> Session | None:
        query = select(sessions).where(sessions.c.id == session_id)
        return await self._one(query.with_for_update() if lock else query)

    async def live_of(self, account: PersonId | StaffId, at: datetime) -> list[Session]:
        """The sign-ons of a person, or of an officer, that have not ended; newest first."""
        theirs = sessions.c.staff_id == account if isinstance(account, StaffId) else sessions.c.person_id == account
        mine = theirs & sessions.c.revoked_at.is_(None) & (sessions.c.expires_at > at)
        rows = await self._session.execute(select(sessions).where(mine).order_by(sessions.c.signed_on_at.desc()))
        return [found for row in rows if (found := _session(row))]

    async def seen(self, session_id: str, at: datetime) -> None:
        await self._session.execute(update(sessions).where(sessions.c.id == session_id).values(last_seen_at=at))

    async def revoke(self, session_id: str, at: datetime) -> Session | None:
        """The session, if it was live until now."""
        query = update(sessions).where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None)).values(revoked_at=at)
        return _session((await self._session.execute(query.returning(sessions))).one_or_none())

    async def revoke_all(self, account: PersonId | StaffId, at: datetime) -> list[Session]:
        """Those of the account that had not ended."""
        mine = (sessions.c.person_id == account) | (sessions.c.staff_id == account)
        query = update(sessions).where(mine, sessions.c.revoked_at.is_(None)).values(revoked_at=at)
        return [found for row in await self._session.execute(query.returning(sessions)) if (found := _session(row))]

    async def _one(self, query: Select[Any]) -> Session | None:
        return _session((await self._session.execute(query)).one_or_none())


def _state(sign_on: Session) -> dict[str, Any]:
    return {
        "methods": list(sign_on.methods),
        "assurance": int(sign_on.assurance),
        "device": sign_on.device,
        "proven_at": sign_on.proven_at,
        "fresh_until": sign_on.fresh_until,
        "expires_at": sign_on.expires_at,
        "last_seen_at": sign_on.last_seen_at,
    }


def _session(row: Row[Any] | None) -> Session | None:
    if row is None:
        return None
    return Session(
        id=SessionId(row.id),
        person_id=PersonId.read(row.person_id),
        staff_id=StaffId.read(row.staff_id),
        signed_on_at=row.signed_on_at,
        proven_at=row.proven_at,
        fresh_until=row.fresh_until,
        expires_at=row.expires_at,
        methods=tuple(row.methods),
        assurance=Assurance(row.assurance),
        device=row.device,
        last_seen_at=row.last_seen_at,
        revoked_at=row.revoked_at,
    )
