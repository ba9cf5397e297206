"""Tokens for registered parties, and what becomes of them.

Errors of these endpoints speak OAuth (RFC 6749 section 5.2), because client libraries read nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.database import ReadSession
from chassis.http import Clock, Database, Router, Sealer, disclose
from contracts.values import Grade, PersonId
from services.identity.commands import grants
from services.identity.domain.persons import NoSuchPerson
from services.identity.domain.sign_on import ProtocolError
from services.identity.repository import Grants, Persons, Sessions
from services.identity.routes.dependencies import Signer
from services.identity.routes.grant_types import GrantType, TokenRequest
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of
from services.identity.tokens.signer import TokenSigner, person_of

router = Router()

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@router.post("/token", **PROTOCOL)
async def token(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer) -> Response:
    """Tokens for a code, a refresh token or the client itself. Clients prove themselves by private_key_jwt."""
    form = await form_of(request)
    try:
        client_id = await _client(database, clock, signer, form)
        granted = await _grant_type(form)(TokenRequest(client_id, form, database, clock, sealer, signer))
    except ProtocolError as error:
        return _oauth_error(error)
    return JSONResponse(granted.answer(), headers=NO_STORE)


@router.get("/userinfo", **PROTOCOL)
@router.post("/userinfo", **PROTOCOL)
async def userinfo(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer) -> Response:
    """What the token's scope lets its client know of the person. Source: OpenID Connect Core 5.3."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    claims = signer.read_access_token(credentials, clock.now()) if scheme.lower() == "bearer" else None
    person_id = person_of(claims) if claims else None
    async with database.reading() as reading:
        if claims is None or person_id is None or not await _holds(reading, claims, clock):
            return _challenge("invalid_token", 401)
        if "openid" not in claims["scope"].split():
            return _challenge("insufficient_scope", 403)
        try:
            person = await Persons(reading, sealer).get(person_id)
        except NoSuchPerson:
            return _challenge("invalid_token", 401)
    scopes = set(claims["scope"].split())
    profile = {"name": person.name, "locale": "zh-CN", "zoneinfo": "Asia/Shanghai"} if "profile" in scopes else {}
    phone = {"phone_number": f"+86{person.phone}", "phone_number_verified": True} if "phone" in scopes else {}
    answer = JSONResponse({"sub": person.id, **profile, **phone}, headers=NO_STORE)
    if profile or phone:
        disclose(answer, subjects=[PersonId(person.id)], purpose="userinfo", grade=Grade.PERSONAL, items=(*profile, *phone))
    return answer


@router.post("/revoke", **PROTOCOL)
async def revoke(request: Request, database: Database, clock: Clock, signer: Signer) -> Response:
    """End the sign-on behind a token. Source: RFC 7009."""
    form = await form_of(request)
    try:
        client_id = await _client(database, clock, signer, form)
    except ProtocolError as error:
        return _oauth_error(error)
    async with database.transaction() as session:
        await grants.revoke_token(session, signer, client_id=client_id, token=form.get("token", ""), at=clock.now())
    return Response(status_code=200, headers=NO_STORE)


@router.post("/introspect", **PROTOCOL)
async def introspect(request: Request, database: Database, clock: Clock, signer: Signer) -> Response:
    """Whether an access token holds right now. A client learns of its own tokens only. Source: RFC 7662."""
    form = await form_of(request)
    try:
        client_id = await _client(database, clock, signer, form)
    except ProtocolError as error:
        return _oauth_error(error)
    claims = signer.read_access_token(form.get("token", ""), clock.now())
    if claims and claims["client_id"] == client_id:
        async with database.reading() as reading:
            holds = await _holds(reading, claims, clock)
        if holds:
            return JSONResponse({"active": True, **claims}, headers=NO_STORE)
    return JSONResponse({"active": False}, headers=NO_STORE)


async def _holds(reading: ReadSession, claims: Mapping[str, Any], clock: ClockProtocol) -> bool:
    """Whether the sign-on and the grant that a token stands on hold; a client's own token stands on neither."""
    if "sid" not in claims:
        return True
    session, grant = await Sessions(reading).get(claims["sid"]), await Grants(reading).get(claims["grant"])
    return session is not None and session.is_live(clock.now()) and grant is not None and grant.revoked_at is None


async def _by_code(asked: TokenRequest) -> grants.Tokens:
    async with asked.database.transaction() as session:
        redeemed = await grants.redeem_code(
            session,
            asked.signer,
            asked.sealer,
            client_id=asked.client_id,
            code=asked.form.get("code", ""),
            redirect_uri=asked.form.get("redirect_uri", ""),
            verifier=asked.form.get("code_verifier", ""),
            at=asked.clock.now(),
        )
    if redeemed is None:
        raise ProtocolError("invalid_grant", "the code was used before; the sign-on has been ended")
    return redeemed


async def _by_refresh_token(asked: TokenRequest) -> grants.Tokens:
    async with asked.database.transaction() as session:
        return await grants.refresh(
            session,
            asked.signer,
            asked.sealer,
            client_id=asked.client_id,
            token=asked.form.get("refresh_token", ""),
            at=asked.clock.now(),
        )


async def _by_the_client_itself(asked: TokenRequest) -> grants.Tokens:
    client_id, at = asked.client_id, asked.clock.now()
    return grants.Tokens(asked.signer.access_token(subject=client_id, subject_type="client", client_id=client_id, scope="", at=at), "")


GRANT_TYPES: Final[Mapping[str, GrantType]] = {
    "authorization_code": _by_code,
    "client_credentials": _by_the_client_itself,
    "refresh_token": _by_refresh_token,
}


def _grant_type(form: Mapping[str, str]) -> GrantType:
    named = form.get("grant_type", "")
    if named not in GRANT_TYPES:
        raise ProtocolError("unsupported_grant_type" if named else "invalid_request", "grant_type")
    return GRANT_TYPES[named]


async def _client(database: DatabaseOfService, clock: ClockProtocol, signer: TokenSigner, form: Mapping[str, str]) -> str:
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise ProtocolError("invalid_client", "private_key_jwt is needed", 401)
    async with database.transaction() as session:
        return await grants.authenticate_client(session, form.get("client_assertion", ""), issuer=signer.issuer, at=clock.now())


def _oauth_error(error: ProtocolError) -> JSONResponse:
    headers = {**NO_STORE, **({"www-authenticate": "Bearer"} if error.status == 401 else {})}
    return JSONResponse({"error": error.error, "error_description": error.detail}, error.status, headers)


def _challenge(error: str, status: int) -> JSONResponse:
    return JSONResponse({"error": error}, status, {**NO_STORE, "www-authenticate": f'Bearer error="{error}"'})
