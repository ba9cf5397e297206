from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from chassis.database import ReadSession
from contracts.values import GrantId, SessionId
from services.identity.domain.authorization import AuthorizationRequest
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import Grant
from services.identity.tables import authorization_codes, grants, refresh_tokens


class Grants:
    """Grants with their codes and refresh tokens, which are stored as digests."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, grant: Grant) -> None:
        row = {
            "id": grant.id,
            "session_id": grant.session_id,
            "client_id": grant.client_id,
            "scope": grant.scope,
            "said": {"userinfo": sorted(grant.userinfo), "id_token": sorted(grant.id_token)},
            "jkt": grant.jkt,
            "created_at": grant.created_at,
        }
        await self._session.execute(insert(grants).values(row))

    async def get(self, grant_id: str) -> Grant | None:
        return _grant((await self._session.execute(select(grants).where(grants.c.id == grant_id))).one_or_none())

    async def revoke(self, grant_id: str, at: datetime) -> Grant | None:
        """The grant, if it held until now."""
        query = update(grants).where(grants.c.id == grant_id, grants.c.revoked_at.is_(None)).values(revoked_at=at)
        return _grant((await self._session.execute(query.returning(grants))).one_or_none())

    async def bind(self, grant_id: str, jkt: str) -> None:
        """From now on only who proves this key may refresh."""
        await self._session.execute(update(grants).where(grants.c.id == grant_id).values(jkt=jkt))

    async def add_code(self, code: str, request: AuthorizationRequest, grant_id: GrantId, expires_at: datetime) -> None:
        await self._session.execute(
            insert(authorization_codes).values(
                code=digest(code),
                grant_id=grant_id,
                client_id=request.client_id,
                redirect_uri=request.redirect_uri,
                challenge=request.challenge,
                nonce=request.nonce,
                jkt=request.jkt,
                expires_at=expires_at,
            )
        )

    async def use_code(self, code: str, client_id: str, at: datetime) -> tuple[Row[Any] | None, bool]:
        """The row of a code of this client and whether this is its first use; (None, False) when there is none."""
        mine = (authorization_codes.c.code == digest(code)) & (authorization_codes.c.client_id == client_id)
        first = update(authorization_codes).where(mine, authorization_codes.c.used_at.is_(None)).values(used_at=at)
        row = (await self._session.execute(first.returning(authorization_codes))).one_or_none()
        if row:
            return row, True
        return (await self._session.execute(select(authorization_codes).where(mine))).one_or_none(), False

    async def add_refresh(self, token: str, *, client_id: str, grant_id: GrantId, expires_at: datetime) -> None:
        row = {"token": digest(token), "client_id": client_id, "grant_id": grant_id, "expires_at": expires_at}
        await self._session.execute(insert(refresh_tokens).values(row))

    async def refresh(self, token: str, client_id: str) -> Row[Any] | None:
        mine = (refresh_tokens.c.token == digest(token)) & (refresh_tokens.c.client_id == client_id)
        return (await self._session.execute(select(refresh_tokens).where(mine))).one_or_none()

    async def rotate(self, token: str, client_id: str, *, successor: bytes, at: datetime) -> bool:
        """True for the first use of a refresh token, which has then this sealed successor. Whoever comes second waits for the first."""
        mine = (refresh_tokens.c.token == digest(token)) & (refresh_tokens.c.client_id == client_id)
        first = update(refresh_tokens).where(mine, refresh_tokens.c.used_at.is_(None)).values(used_at=at, successor=successor)
        return (await self._session.execute(first)).rowcount == 1


def _grant(row: Row[Any] | None) -> Grant | None:
    if row is None:
        return None
    return Grant(
        id=GrantId(row.id),
        session_id=SessionId(row.session_id),
        client_id=row.client_id,
        scope=row.scope,
        created_at=row.created_at,
        jkt=row.jkt,
        revoked_at=row.revoked_at,
        userinfo=frozenset(row.said.get("userinfo", ())),
        id_token=frozenset(row.said.get("id_token", ())),
    )
