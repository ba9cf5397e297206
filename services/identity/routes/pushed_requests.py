"""Requests for a code that a client pushes before it sends the browser. Source: RFC 9126, RFC 9449 section 10.1."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.http import Router
from services.identity.domain import authorization
from services.identity.domain.authorization import PARAMETERS
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import PendingRequest, ProtocolError
from services.identity.repository import Requests
from services.identity.routes.authorization import REQUEST_URI
from services.identity.routes.client_authentication import authenticated, proven_key
from services.identity.routes.dependencies import AtEndpoint, Endpoint
from services.identity.routes.protocol import NO_STORE, PROTOCOL, oauth_error, parameters_of

router = Router()


@router.post("/par", **PROTOCOL)
async def push(request: Request, endpoint: AtEndpoint) -> Response:
    try:
        pending = await _checked(endpoint, request)
    except ProtocolError as error:
        return oauth_error(error)
    handle, life = new_secret(), endpoint.timings.pushed_request
    async with endpoint.database.transaction() as session:
        await Requests(session).push(handle, pending, pending.created_at + life)
    said = {"request_uri": f"{REQUEST_URI}{handle}", "expires_in": int(life.total_seconds())}
    return JSONResponse(said, 201, NO_STORE)


async def _checked(endpoint: Endpoint, request: Request) -> PendingRequest:
    """Everything that the authorization endpoint would check, while the client can still be told. Raises ProtocolError."""
    form = await parameters_of(request)
    client = await authenticated(endpoint, request, form)
    if "request_uri" in form:
        raise ProtocolError("invalid_request", "a pushed request holds no request_uri")
    if form.get("redirect_uri") not in client.redirect_uris:
        raise ProtocolError("invalid_request", "redirect_uri is not a registered address")
    said = {name: value for name, value in form.items() if name in PARAMETERS} | {"client_id": str(client.id)}
    asked = authorization.read(said, client)
    key = await proven_key(endpoint, request, "/par")
    if key is not None and asked.jkt not in {None, key}:
        raise ProtocolError("invalid_dpop_proof", "dpop_jkt is another key than the proven one")
    return PendingRequest(str(client.id), said, endpoint.clock.now(), jkt=key or asked.jkt)
