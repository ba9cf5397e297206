"""Turning a sign-on into tokens. Source: OpenID Connect Core, RFC 6749, RFC 7636, RFC 9449."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import GrantRevoked
from contracts.values import GrantId
from services.identity.commands.subjects import subject_of
from services.identity.domain.authorization import AuthorizationRequest
from services.identity.domain.clients import Client
from services.identity.domain.secrets import challenge_of, new_secret
from services.identity.domain.sign_on import ACCESS_TOKEN_LIFE, AUTHORIZATION_CODE_LIFE, Grant, ProtocolError, Session
from services.identity.repository import Grants, LogoutDeliveries, Sessions
from services.identity.tokens.signer import Signed, TokenSigner

_VERIFIER_CHARACTERS: Final = range(43, 129)


@dataclass(frozen=True, slots=True)
class Tokens:
    """`disclosed` is the person whose data is in the ID token, with the names of the items."""

    access_token: str
    scope: str
    id_token: str | None = None
    refresh_token: str | None = None
    token_type: str = "Bearer"  # noqa: S105 (a name of the protocol)
    disclosed: tuple[str, tuple[str, ...]] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def answer(self) -> dict[str, object]:
        said = {"id_token": self.id_token, "refresh_token": self.refresh_token}
        return {
            "access_token": self.access_token,
            "token_type": self.token_type,
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": self.scope,
            **{name: value for name, value in said.items() if value},
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class Issuing:
    """What tokens are made with, for a client that has proven itself and, by `key`, what it holds (RFC 9449)."""

    client: Client
    signer: TokenSigner
    sealer: Sealer
    key: str | None = None

    @property
    def binding(self) -> dict[str, Any]:
        """Claims that bind an access token to the proven key."""
        return {"cnf": {"jkt": self.key}} if self.key else {}

    @property
    def token_type(self) -> str:
        return "DPoP" if self.key else "Bearer"


def own_token(issuing: Issuing, *, at: datetime) -> Tokens:
    """A token of the client's own, for nobody else. Source: RFC 6749 section 4.4."""
    client_id = issuing.client.id
    access = issuing.signer.access_token(subject=client_id, subject_type="client", client_id=client_id, scope="", at=at, **issuing.binding)
    return Tokens(access, "", token_type=issuing.token_type)


async def issue_code(session: WriteSession, request: AuthorizationRequest, sign_on: Session, *, at: datetime) -> str:
    grant = Grant(
        GrantId.new(),
        sign_on.id,
        request.client_id,
        request.scope,
        at,
        userinfo=request.claims.userinfo,
        id_token=request.claims.id_token,
    )
    await Grants(session).add(grant)
    code = new_secret()
    await Grants(session).add_code(code, request, grant.id, at + AUTHORIZATION_CODE_LIFE)
    return code


async def redeem_code(
    session: WriteSession, issuing: Issuing, *, code: str, redirect_uri: str, verifier: str, at: datetime
) -> Tokens | None:
    """Tokens for a code, once. None for a second use: what the code was for has then ended.

    Raises: ProtocolError invalid_grant.
    """
    client = issuing.client
    row, is_first = await Grants(session).use_code(code, client.id, at)
    if row is None or (is_first and row.expires_at <= at) or row.redirect_uri != redirect_uri:
        raise ProtocolError("invalid_grant", "the code is not valid for this client and address")
    if not _is_verified(row.challenge, verifier):
        raise ProtocolError("invalid_grant", "the code verifier does not match")
    if row.jkt is not None and row.jkt != issuing.key:
        raise ProtocolError("invalid_grant", "the code is bound to another key")
    if not is_first:
        await revoke_stolen(session, row.grant_id, at=at)
        return None
    grant, sign_on = await live(session, row.grant_id, at)
    if client.is_public and issuing.key:
        await Grants(session).bind(grant.id, issuing.key)
    refresh_token = None
    if "refresh_token" in client.settings.grant_types:
        refresh_token = new_secret()
        await Grants(session).add_refresh(refresh_token, client_id=client.id, grant_id=grant.id, expires_at=sign_on.expires_at)
    return await tokens_for(session, issuing, sign_on, grant, at=at, nonce=row.nonce, refresh_token=refresh_token)


def _is_verified(challenge: str | None, verifier: str) -> bool:
    """A verifier without a challenge is refused too: somebody took the challenge out of the request. Source: RFC 9700, 2.1.1."""
    if challenge is None or not verifier:
        return challenge is None and not verifier
    return len(verifier) in _VERIFIER_CHARACTERS and hmac.compare_digest(challenge, challenge_of(verifier))


async def live(session: WriteSession, grant_id: str, at: datetime) -> tuple[Grant, Session]:
    """The grant and its sign-on while both hold. Raises ProtocolError invalid_grant."""
    grant = await Grants(session).get(grant_id)
    sign_on = await Sessions(session).get(grant.session_id) if grant else None
    if grant is None or grant.revoked_at is not None or sign_on is None or not sign_on.is_live(at):
        raise ProtocolError("invalid_grant", "the sign-on has ended")
    return grant, sign_on


async def tokens_for(
    session: WriteSession,
    issuing: Issuing,
    sign_on: Session,
    grant: Grant,
    *,
    at: datetime,
    scope: str | None = None,
    nonce: str | None = None,
    refresh_token: str | None = None,
) -> Tokens:
    """An access token, and an ID token where the grant is one of OpenID Connect. `scope` may be narrower than the grant's."""
    granted = grant.scope if scope is None else scope
    subject = await subject_of(session, issuing.client, sign_on, grant, granted, issuing.sealer, at=at)
    signed = Signed(sign_on, grant.id, subject.level)
    access = issuing.signer.access_token(
        subject=subject.id,
        subject_type=subject.type,
        client_id=grant.client_id,
        scope=granted,
        at=at,
        signed=signed,
        **subject.access,
        **issuing.binding,
    )
    if "openid" not in granted.split():
        return Tokens(access, granted, None, refresh_token, issuing.token_type)
    identity = issuing.signer.id_token(
        signed=signed,
        client_id=grant.client_id,
        nonce=nonce,
        at=at,
        alg=issuing.client.settings.id_token_alg,
        access_token=access,
        **subject.identity,
    )
    return Tokens(access, granted, identity, refresh_token, issuing.token_type, subject.disclosed)


async def revoke_grant(session: WriteSession, grant_id: str, *, at: datetime) -> None:
    """End what one client was granted in one session."""
    ended = await Grants(session).revoke(grant_id, at)
    if ended:
        await publish(session, GrantRevoked(grant_id=ended.id, session_id=ended.session_id, revoked_at=at), at=at)


async def revoke_stolen(session: WriteSession, grant_id: str, *, at: datetime) -> None:
    """End a grant whose secret was used twice; its client is told, because it may have let a thief in."""
    await revoke_grant(session, grant_id, at=at)
    grant = await Grants(session).get(grant_id)
    sign_on = await Sessions(session).get(grant.session_id) if grant else None
    if sign_on is not None:
        await LogoutDeliveries(session).add(sign_on, at, grant_id=grant_id)


async def revoke_token(session: WriteSession, signer: TokenSigner, *, client_id: str, token: str, at: datetime) -> None:
    """End the grant behind a token of this client; unknown tokens are nobody's business.

    Raises: ProtocolError unsupported_token_type for a token that stands on no grant. Source: RFC 7009.
    """
    row = await Grants(session).refresh(token, client_id)
    if row is not None:
        await revoke_grant(session, str(row.grant_id), at=at)
        return
    claims = signer.read_access_token(token, at)
    if claims is None or claims["client_id"] != client_id:
        return
    if "grant" not in claims:
        raise ProtocolError("unsupported_token_type", "a token of the client's own ends by itself")
    await revoke_grant(session, str(claims["grant"]), at=at)
