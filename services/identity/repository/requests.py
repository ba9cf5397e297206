from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from chassis.database import ReadSession
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import PendingRequest
from services.identity.tables import authorization_requests

_LIFE: Final = timedelta(minutes=15)


class Requests:
    """Requests for a code that wait for their person, or were pushed and wait for their browser.

    `handle` is a secret of 256 bits, `browser` that of the asking browser.
    """

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, handle: str, waiting: PendingRequest, *, browser: str) -> None:
        row = _row(handle, waiting) | {"browser": digest(browser), "is_pushed": False, "pushed": waiting.pushed}
        await self._session.execute(insert(authorization_requests).values(row | {"expires_at": waiting.created_at + _LIFE}))

    async def push(self, handle: str, waiting: PendingRequest, expires_at: datetime) -> None:
        row = _row(handle, waiting) | {"is_pushed": True, "expires_at": expires_at}
        await self._session.execute(insert(authorization_requests).values(row))

    async def of_browser(self, handle: str, browser: str, at: datetime) -> PendingRequest | None:
        """The request while it waits, for the browser that asked and no other."""
        mine = (authorization_requests.c.handle == digest(handle)) & (authorization_requests.c.browser == digest(browser))
        return await self._waiting(mine, at)

    async def pushed(self, handle: str, client_id: str, at: datetime) -> PendingRequest | None:
        """A pushed request of this client until it is over or used up: a browser may come with it more than once before."""
        mine = (authorization_requests.c.handle == digest(handle)) & (authorization_requests.c.client_id == client_id)
        return await self._waiting(mine & authorization_requests.c.is_pushed, at)

    async def use(self, handle: str, at: datetime) -> bool:
        """True once. The pushed request that it came from is used up with it."""
        mine = authorization_requests.c.handle == digest(handle)
        used = await self._use(mine, at)
        return used is not None and (used.pushed is None or await self._use(authorization_requests.c.handle == used.pushed, at) is not None)

    async def _use(self, mine: Any, at: datetime) -> Row[Any] | None:
        query = update(authorization_requests).where(mine, authorization_requests.c.used_at.is_(None)).values(used_at=at)
        row: Row[Any] | None = (await self._session.execute(query.returning(authorization_requests.c.pushed))).one_or_none()
        return row

    async def _waiting(self, mine: Any, at: datetime) -> PendingRequest | None:
        waiting = authorization_requests.c.used_at.is_(None) & (authorization_requests.c.expires_at > at)
        row = (await self._session.execute(select(authorization_requests).where(mine, waiting))).one_or_none()
        return PendingRequest(row.client_id, row.said, row.created_at, row.subject, row.pushed, row.jkt) if row else None


def _row(handle: str, waiting: PendingRequest) -> dict[str, Any]:
    return {
        "handle": digest(handle),
        "client_id": waiting.client_id,
        "said": dict(waiting.said),
        "subject": waiting.subject,
        "jkt": waiting.jkt,
        "created_at": waiting.created_at,
    }
