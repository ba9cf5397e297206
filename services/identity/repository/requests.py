from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update

from chassis.database import ReadSession
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import PendingRequest
from services.identity.tables import authorization_requests

_LIFE: Final = timedelta(minutes=15)


class Requests:
    """Requests for a code that wait for their person. `handle` is a secret of 256 bits, `browser` that of the asking browser."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, handle: str, said: dict[str, Any], *, client_id: str, browser: str, at: datetime) -> None:
        row = {"handle": digest(handle), "client_id": client_id, "said": said, "browser": digest(browser)}
        await self._session.execute(
            insert(authorization_requests).values(row | {"is_pushed": False, "created_at": at, "expires_at": at + _LIFE})
        )

    async def of_browser(self, handle: str, browser: str, at: datetime) -> PendingRequest | None:
        """The request while it waits, for the browser that asked and no other."""
        mine = (authorization_requests.c.handle == digest(handle)) & (authorization_requests.c.browser == digest(browser))
        waiting = authorization_requests.c.used_at.is_(None) & (authorization_requests.c.expires_at > at)
        row = (await self._session.execute(select(authorization_requests).where(mine, waiting))).one_or_none()
        return PendingRequest(row.client_id, row.said, row.created_at) if row else None

    async def use(self, handle: str, at: datetime) -> bool:
        """True once."""
        query = update(authorization_requests).where(
            authorization_requests.c.handle == digest(handle), authorization_requests.c.used_at.is_(None)
        )
        return (await self._session.execute(query.values(used_at=at))).rowcount == 1
