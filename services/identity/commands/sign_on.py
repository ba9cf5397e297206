"""Signing on, and turning a sign-on into tokens. Source: OpenID Connect Core, RFC 6749, RFC 7636, RFC 7009."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import SessionRevoked
from contracts.values import PartyId, SessionId
from services.identity import passwords, tokens
from services.identity.domain import (
    ACCESS_TOKEN_LIFE,
    AUTHORIZATION_CODE_LIFE,
    REFRESH_TOKEN_LIFE,
    SESSION_LIFE,
    AuthorizationRequest,
    Person,
    ProtocolError,
    Session,
    challenge_of,
    new_secret,
)
from services.identity.repository import Clients, Grants, Persons, Sessions
from services.identity.tokens import TokenSigner


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


async def check_password(person: Person | None, password: str) -> bool:
    """Outside any transaction, because it takes long on purpose."""
    return await passwords.is_right(person.password if person else None, password)


async def note_attempt(session: WriteSession, person: Person, sealer: Sealer, *, is_right: bool, at: datetime) -> bool:
    """Whether the attempt signs the person on. A locked account stays locked even for the right password."""
    people = Persons(session, sealer)
    current = await people.get(person.id, lock=True)
    if current.is_locked(at):
        return False
    await people.save(current.succeeded() if is_right else current.failed(at))
    return is_right


async def open_session(session: WriteSession, person: Person, *, at: datetime) -> tuple[Session, str]:
    """The new session and the secret for its cookie."""
    sign_on = Session(SessionId.new(), person.id, at, at + SESSION_LIFE)
    cookie = new_secret()
    await Sessions(session).add(sign_on, cookie)
    return sign_on, cookie


async def issue_code(session: WriteSession, request: AuthorizationRequest, sign_on: Session, *, at: datetime) -> str:
    code = new_secret()
    await Grants(session).add_code(code, request, sign_on.id, at + AUTHORIZATION_CODE_LIFE)
    return code


async def authenticate_client(session: WriteSession, assertion: str, *, issuer: str, at: datetime) -> str:
    """The client that an assertion proves. Raises ProtocolError invalid_client."""
    claimed = tokens.unverified_client(assertion)
    client = await Clients(session).get(claimed) if PartyId.read(claimed) else None
    if client is None:
        raise ProtocolError("invalid_client", "no such client", 401)
    proven = tokens.read_assertion(assertion, client.jwks, issuer=issuer, at=at)
    if not await Clients(session).is_first_use(proven.client_id, proven.jti, datetime.fromtimestamp(proven.expires, UTC)):
        raise ProtocolError("invalid_client", "the client assertion was used before", 401)
    return proven.client_id


async def redeem_code(
    session: WriteSession, signer: TokenSigner, sealer: Sealer, *, client_id: str, code: str, redirect_uri: str, verifier: str, at: datetime
) -> Tokens | None:
    """Tokens for a code, once. None for a second use: the caller then ends the session the code was for.

    Raises: ProtocolError invalid_grant.
    """
    grant, is_first = await Grants(session).use_code(code, client_id, at)
    if grant is None or grant.expires_at <= at or grant.redirect_uri != redirect_uri:
        raise ProtocolError("invalid_grant", "the code is not valid for this client and address")
    if not hmac.compare_digest(grant.challenge, challenge_of(verifier)):
        raise ProtocolError("invalid_grant", "the code verifier does not match")
    if not is_first:
        await revoke_session(session, grant.session_id, at=at)
        return None
    sign_on = await Sessions(session).get(grant.session_id)
    if sign_on is None or not sign_on.is_live(at):
        raise ProtocolError("invalid_grant", "the sign-on has ended")
    refresh = new_secret()
    expires_at = min(at + REFRESH_TOKEN_LIFE, sign_on.expires_at)
    await Grants(session).add_refresh(refresh, client_id=client_id, session_id=sign_on.id, scope=grant.scope, expires_at=expires_at)
    return await _tokens(session, signer, sealer, sign_on, client_id, grant.scope, at, nonce=grant.nonce, refresh=refresh)


async def refresh(session: WriteSession, signer: TokenSigner, sealer: Sealer, *, client_id: str, token: str, at: datetime) -> Tokens:
    """New tokens under the same sign-on. The refresh token stays: its client proves itself by a key at every use.

    Raises: ProtocolError invalid_grant. Source: RFC 9700 section 2.2.2.
    """
    grant = await Grants(session).refresh(token, client_id)
    sign_on = await Sessions(session).get(grant.session_id) if grant else None
    if grant is None or grant.expires_at <= at or sign_on is None or not sign_on.is_live(at):
        raise ProtocolError("invalid_grant", "the refresh token is not valid")
    return await _tokens(session, signer, sealer, sign_on, client_id, grant.scope, at)


async def _tokens(
    session: WriteSession,
    signer: TokenSigner,
    sealer: Sealer,
    sign_on: Session,
    client_id: str,
    scope: str,
    at: datetime,
    *,
    nonce: str | None = None,
    refresh: str | None = None,
) -> Tokens:
    person = await Persons(session, sealer).get(sign_on.person_id)
    access = signer.access_token(subject=person.id, client_id=client_id, scope=scope, at=at, session=sign_on, assurance=person.assurance)
    wants_id = "openid" in scope.split()
    identity = signer.id_token(session=sign_on, client_id=client_id, nonce=nonce, assurance=person.assurance, at=at) if wants_id else None
    return Tokens(access, scope, identity, refresh)


async def revoke_session(session: WriteSession, session_id: str, *, at: datetime) -> None:
    """End a sign-on everywhere; the gateway hears of it within moments."""
    ended = await Sessions(session).revoke(session_id, at)
    if ended:
        await publish(session, SessionRevoked(session_id=ended.id, person_id=ended.person_id, revoked_at=at), at=at)


async def revoke_token(session: WriteSession, signer: TokenSigner, *, client_id: str, token: str, at: datetime) -> None:
    """End the sign-on behind a token of this client; unknown tokens are nobody's business. Source: RFC 7009."""
    grant = await Grants(session).refresh(token, client_id)
    claims = None if grant else signer.read_access_token(token, at)
    session_id = grant.session_id if grant else (claims or {}).get("sid")
    if session_id and (grant or (claims or {}).get("client_id") == client_id):
        await revoke_session(session, str(session_id), at=at)
