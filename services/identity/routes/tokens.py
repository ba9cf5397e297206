"""Tokens for registered parties: the token endpoint and its grant types.

Errors of the protocol's endpoints speak OAuth (RFC 6749 section 5.2), because client libraries read nothing else.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.http import Router, disclose
from contracts.values import Grade, PersonId
from services.identity.commands import grants, refreshing
from services.identity.commands.grants import Tokens
from services.identity.domain.clients import DEVICE_CODE, Client
from services.identity.domain.sign_on import ProtocolError
from services.identity.routes import device_grant
from services.identity.routes.client_authentication import authenticated, proven_key
from services.identity.routes.dependencies import AtEndpoint
from services.identity.routes.exchange import GRANT_TYPE, by_mandate
from services.identity.routes.grant_types import GrantType, TokenRequest
from services.identity.routes.protocol import NO_STORE, PROTOCOL, oauth_error, parameters_of

router = Router()


@router.post("/token", **PROTOCOL)
async def token(request: Request, endpoint: AtEndpoint) -> Response:
    """Tokens for a code, a refresh token or the client itself."""
    try:
        form = await parameters_of(request)
        client = await authenticated(endpoint, request, form)
        grant_type = _grant_type(form, client.settings.grant_types)
        key = _bound(client, await proven_key(endpoint, request, "/token"))
        await endpoint.signer.keys.freshen(client.settings.id_token_alg)
        granted = await grant_type(TokenRequest(client, form, key, endpoint))
    except ProtocolError as error:
        return oauth_error(error)
    answer = JSONResponse(granted.answer(), headers=NO_STORE)
    if granted.disclosed:
        person, items = granted.disclosed
        disclose(answer, subjects=[PersonId(person)], purpose="id_token", grade=Grade.PERSONAL, items=items)
    return answer


def _bound(client: Client, key: str | None) -> str | None:
    if key is None and client.needs_bound_tokens:
        raise ProtocolError("invalid_dpop_proof", "a DPoP proof is needed")
    return key


def _grant_type(form: Mapping[str, str], allowed: tuple[str, ...]) -> GrantType:
    named = form.get("grant_type", "")
    if named not in GRANT_TYPES:
        raise ProtocolError("unsupported_grant_type" if named else "invalid_request", "grant_type")
    if named not in allowed:
        raise ProtocolError("unauthorized_client", "grant_type")
    return GRANT_TYPES[named]


async def _by_code(asked: TokenRequest) -> Tokens:
    async with asked.database.transaction() as session:
        redeemed = await grants.redeem_code(
            session,
            asked.issuing,
            code=asked.form.get("code", ""),
            redirect_uri=asked.form.get("redirect_uri", ""),
            verifier=asked.form.get("code_verifier", ""),
            at=asked.clock.now(),
        )
    if redeemed is None:
        raise ProtocolError("invalid_grant", "the code was used before; what it was for has been ended")
    return redeemed


async def _by_refresh_token(asked: TokenRequest) -> Tokens:
    async with asked.database.transaction() as session:
        refreshed = await refreshing.refresh(
            session,
            asked.issuing,
            token=asked.form.get("refresh_token", ""),
            scope=asked.form.get("scope"),
            grace=asked.endpoint.timings.refresh_grace,
            at=asked.clock.now(),
        )
    if refreshed is None:
        raise ProtocolError("invalid_grant", "the refresh token was used before; what it was for has been ended")
    return refreshed


async def _by_the_client_itself(asked: TokenRequest) -> Tokens:
    return grants.own_token(asked.issuing, at=asked.clock.now())


GRANT_TYPES: Final[Mapping[str, GrantType]] = {
    "authorization_code": _by_code,
    "client_credentials": _by_the_client_itself,
    "refresh_token": _by_refresh_token,
    GRANT_TYPE: by_mandate,
    DEVICE_CODE: device_grant.granted,
}
