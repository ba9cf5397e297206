"""Whether a token holds right now, and ending it. A client learns of its own tokens only. Source: RFC 7662, RFC 7009."""

from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.http import Router
from services.identity.commands import grants
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import ProtocolError
from services.identity.queries import standing
from services.identity.routes.client_authentication import authenticated
from services.identity.routes.dependencies import AtEndpoint, Endpoint
from services.identity.routes.protocol import NO_STORE, PROTOCOL, oauth_error, parameters_of

router = Router()


@router.post("/introspect", **PROTOCOL)
async def introspect(request: Request, endpoint: AtEndpoint) -> Response:
    try:
        form = await parameters_of(request)
        client = _confidential(await authenticated(endpoint, request, form))
        token = _token_of(form)
    except ProtocolError as error:
        return oauth_error(error)
    found = await _access_token(endpoint, client.id, token) or await _refresh_token(endpoint, client.id, token)
    return JSONResponse({"active": True, **found} if found else {"active": False}, headers=NO_STORE)


@router.post("/revoke", **PROTOCOL)
async def revoke(request: Request, endpoint: AtEndpoint) -> Response:
    """End what a client was granted, by any of its tokens. Its kind is found out: hints are not needed."""
    try:
        form = await parameters_of(request)
        client = await authenticated(endpoint, request, form)
        token = _token_of(form)
        async with endpoint.database.transaction() as session:
            await grants.revoke_token(session, endpoint.signer, client_id=client.id, token=token, at=endpoint.clock.now())
    except ProtocolError as error:
        return oauth_error(error)
    return Response(status_code=200, headers=NO_STORE)


def _confidential(client: Client) -> Client:
    if client.is_public:
        raise ProtocolError("invalid_client", "whoever asks must prove itself", 401)
    return client


def _token_of(form: dict[str, str]) -> str:
    if "token" not in form:
        raise ProtocolError("invalid_request", "token")
    return form["token"]


async def _access_token(endpoint: Endpoint, client_id: str, token: str) -> dict[str, Any] | None:
    claims = endpoint.signer.read_access_token(token, endpoint.clock.now())
    if claims is None or claims["client_id"] != client_id:
        return None
    if standing.is_needed(claims):
        async with endpoint.database.reading() as reading:
            if not await standing.holds(reading, claims, endpoint.clock.now()):
                return None
    return standing.introspected(claims)


async def _refresh_token(endpoint: Endpoint, client_id: str, token: str) -> dict[str, Any] | None:
    async with endpoint.database.reading() as reading:
        return await standing.refresh_token(reading, token, client_id, endpoint.issuer, endpoint.clock.now())
