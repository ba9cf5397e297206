"""New tokens for a refresh token. Source: RFC 6749 section 6, RFC 9700 section 4.14."""

from datetime import datetime, timedelta

import structlog

from chassis.database import WriteSession
from services.identity.commands.grants import Issuing, Tokens, live, revoke_stolen, tokens_for
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import Grant, ProtocolError, Session
from services.identity.repository import Grants

log = structlog.get_logger()


async def refresh(
    session: WriteSession, issuing: Issuing, *, token: str, scope: str | None, grace: timedelta, at: datetime
) -> Tokens | None:
    """New tokens under the same sign-on. None when the token was stolen: what it was for has then ended.

    A client that proves itself keeps its refresh token; a public one has a new one for each use.
    Raises: ProtocolError invalid_grant, invalid_scope.
    """
    row = await Grants(session).refresh(token, issuing.client.id)
    if row is None or row.expires_at <= at:
        raise ProtocolError("invalid_grant", "the refresh token is not valid")
    grant, sign_on = await live(session, row.grant_id, at)
    if grant.jkt is not None and grant.jkt != issuing.key:
        raise ProtocolError("invalid_grant", "the refresh token is bound to another key")
    narrowed = _narrowed(grant, scope)
    successor = None
    if issuing.client.is_public:
        successor = await _rotated(session, issuing, token, grant, sign_on, grace=grace, at=at)
        if successor is None:
            return None
    return await tokens_for(session, issuing, sign_on, grant, at=at, scope=narrowed, refresh_token=successor)


def _narrowed(grant: Grant, scope: str | None) -> str:
    if scope is None:
        return grant.scope
    asked = list(dict.fromkeys(scope.split()))
    if not asked or not {*asked} <= {*grant.scope.split()}:
        raise ProtocolError("invalid_scope", "more than was granted")
    return " ".join(asked)


async def _rotated(
    session: WriteSession, issuing: Issuing, token: str, grant: Grant, sign_on: Session, *, grace: timedelta, at: datetime
) -> str | None:
    """The token's one successor, again for whoever lost the answer a moment ago; None for whoever comes later: a thief, or after one."""
    successor = new_secret()
    grants = Grants(session)
    if await grants.rotate(token, issuing.client.id, successor=issuing.sealer.seal(successor), at=at):
        await grants.add_refresh(successor, client_id=issuing.client.id, grant_id=grant.id, expires_at=sign_on.expires_at)
        return successor
    used = await grants.refresh(token, issuing.client.id)
    if used is not None and used.successor is not None and at <= used.used_at + grace:
        return issuing.sealer.open(used.successor)
    log.warning("refresh_token_reused", client=issuing.client.id, grant=grant.id, session=sign_on.id)
    await revoke_stolen(session, grant.id, at=at)
    return None
