"""Turning a sign-on into tokens. Source: OpenID Connect Core, RFC 6749, RFC 7636, RFC 7009."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import GrantRevoked
from contracts.values import GrantId, PartyId
from services.identity.domain.secrets import challenge_of, new_secret
from services.identity.domain.sign_on import (
    ACCESS_TOKEN_LIFE,
    AUTHORIZATION_CODE_LIFE,
    AuthorizationRequest,
    Grant,
    ProtocolError,
    Session,
)
from services.identity.repository import Clients, Grants, Persons, Sessions
from services.identity.tokens import assertions
from services.identity.tokens.signer import Signed, TokenSigner

REFRESH_TOKEN_LIFE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    scope: str
    id_token: str | None = None
    refresh_token: str | None = None

    def answer(self) -> dict[str, object]:
        said = {"id_token": self.id_token, "refresh_token": self.refresh_token}
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": self.scope,
            **{name: value for name, value in said.items() if value},
        }


async def issue_code(session: WriteSession, request: AuthorizationRequest, sign_on: Session, *, at: datetime) -> str:
    grant = Grant(GrantId.new(), sign_on.id, request.client_id, request.scope, at)
    await Grants(session).add(grant, {})
    code = new_secret()
    await Grants(session).add_code(code, request, grant.id, at + AUTHORIZATION_CODE_LIFE)
    return code


async def authenticate_client(session: WriteSession, assertion: str, *, issuer: str, at: datetime) -> str:
    """The client that an assertion proves. Raises ProtocolError invalid_client."""
    claimed = assertions.unverified_client(assertion)
    client = await Clients(session).get(claimed) if PartyId.read(claimed) else None
    if client is None:
        raise ProtocolError("invalid_client", "no such client", 401)
    proven = assertions.read_assertion(assertion, client.jwks, issuer=issuer, at=at)
    if not await Clients(session).is_first_use(proven.client_id, proven.jti, datetime.fromtimestamp(proven.expires, UTC)):
        raise ProtocolError("invalid_client", "the client assertion was used before", 401)
    return proven.client_id


async def redeem_code(
    session: WriteSession, signer: TokenSigner, sealer: Sealer, *, client_id: str, code: str, redirect_uri: str, verifier: str, at: datetime
) -> Tokens | None:
    """Tokens for a code, once. None for a second use: what the code was for has then ended.

    Raises: ProtocolError invalid_grant.
    """
    row, is_first = await Grants(session).use_code(code, client_id, at)
    if row is None or row.expires_at <= at or row.redirect_uri != redirect_uri:
        raise ProtocolError("invalid_grant", "the code is not valid for this client and address")
    if not hmac.compare_digest(row.challenge, challenge_of(verifier)):
        raise ProtocolError("invalid_grant", "the code verifier does not match")
    if not is_first:
        await revoke_grant(session, row.grant_id, at=at)
        return None
    grant, sign_on = await _live(session, row.grant_id, at)
    refresh = new_secret()
    expires_at = min(at + REFRESH_TOKEN_LIFE, sign_on.expires_at)
    await Grants(session).add_refresh(refresh, client_id=client_id, grant_id=grant.id, expires_at=expires_at)
    return await _tokens(session, signer, sealer, sign_on, grant, at, nonce=row.nonce, refresh=refresh)


async def refresh(session: WriteSession, signer: TokenSigner, sealer: Sealer, *, client_id: str, token: str, at: datetime) -> Tokens:
    """New tokens under the same sign-on. The refresh token stays: its client proves itself by a key at every use.

    Raises: ProtocolError invalid_grant. Source: RFC 9700 section 2.2.2.
    """
    row = await Grants(session).refresh(token, client_id)
    if row is None or row.expires_at <= at:
        raise ProtocolError("invalid_grant", "the refresh token is not valid")
    grant, sign_on = await _live(session, row.grant_id, at)
    return await _tokens(session, signer, sealer, sign_on, grant, at)


async def _live(session: WriteSession, grant_id: str, at: datetime) -> tuple[Grant, Session]:
    """The grant and its sign-on while both hold. Raises ProtocolError invalid_grant."""
    grant = await Grants(session).get(grant_id)
    sign_on = await Sessions(session).get(grant.session_id) if grant else None
    if grant is None or grant.revoked_at is not None or sign_on is None or not sign_on.is_live(at):
        raise ProtocolError("invalid_grant", "the sign-on has ended")
    return grant, sign_on


async def _tokens(
    session: WriteSession,
    signer: TokenSigner,
    sealer: Sealer,
    sign_on: Session,
    grant: Grant,
    at: datetime,
    *,
    nonce: str | None = None,
    refresh: str | None = None,
) -> Tokens:
    assert sign_on.person_id is not None
    person = await Persons(session, sealer).get(sign_on.person_id)
    signed = Signed(sign_on, grant.id, min(sign_on.level(at), person.assurance))
    access = signer.access_token(
        subject=person.id, subject_type="person", client_id=grant.client_id, scope=grant.scope, at=at, signed=signed
    )
    wants_id = "openid" in grant.scope.split()
    identity = signer.id_token(signed=signed, client_id=grant.client_id, nonce=nonce, at=at) if wants_id else None
    return Tokens(access, grant.scope, identity, refresh)


async def revoke_grant(session: WriteSession, grant_id: str, *, at: datetime) -> None:
    """End what one client was granted in one session."""
    ended = await Grants(session).revoke(grant_id, at)
    if ended:
        await publish(session, GrantRevoked(grant_id=ended.id, session_id=ended.session_id, revoked_at=at), at=at)


async def revoke_token(session: WriteSession, signer: TokenSigner, *, client_id: str, token: str, at: datetime) -> None:
    """End the grant behind a token of this client; unknown tokens are nobody's business. Source: RFC 7009."""
    row = await Grants(session).refresh(token, client_id)
    claims = None if row else signer.read_access_token(token, at)
    grant_id = row.grant_id if row else (claims or {}).get("grant")
    if grant_id and (row or (claims or {}).get("client_id") == client_id):
        await revoke_grant(session, str(grant_id), at=at)
