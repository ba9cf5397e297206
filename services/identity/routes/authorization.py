"""Asking for a code in a browser, and what the provider is. Source: OpenID Connect Core 3.1.2."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.database import ReadSession
from chassis.http import Clock, Database, Router
from contracts.values import PartyId
from services.identity.commands import grants
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import AuthorizationRequest, PendingRequest, ProtocolError, Session
from services.identity.pages import language_of
from services.identity.repository import Clients, Requests, Sessions
from services.identity.routes import cookies
from services.identity.routes.dependencies import Pages, Signer
from services.identity.routes.protocol import NO_STORE, PROTOCOL

router = Router()

_SCOPES = ("openid", "profile", "phone", "offline_access")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# Source: RFC 6749 appendix A.5
_OPAQUE = re.compile(r"[ -~]{0,2000}")


@router.get("/.well-known/openid-configuration", **PROTOCOL)
async def discovery(signer: Signer) -> dict[str, Any]:
    """Source: OpenID Connect Discovery 1.0, RFC 8414."""
    issuer = signer.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(_SCOPES),
        "claims_supported": ["sub", "name", "phone_number", "phone_number_verified", "acr", "auth_time"],
        "acr_values_supported": [f"urn:tongban:assurance:{level}" for level in (1, 2, 3)],
        "ui_locales_supported": ["zh-CN", "en"],
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/jwks", **PROTOCOL)
async def jwks(signer: Signer) -> dict[str, Any]:
    return signer.key_set()


@router.get("/authorize", **PROTOCOL)
async def authorize(request: Request, database: Database, clock: Clock, signer: Signer, pages: Pages) -> Response:
    """Ask for a code: by the browser's running sign-on, or after signing on."""
    said = dict(request.query_params)
    language = language_of(said.get("ui_locales"), request.headers.get("accept-language"))
    async with database.reading() as reading:
        client = await Clients(reading).get(said.get("client_id", "")) if PartyId.read(said.get("client_id")) else None
        running = await _running(reading, request, signer.issuer)
    if client is None or len(request.query_params.multi_items()) != len(said):
        return pages.error("client_id: 未登记的应用 / not a registered client", language=language)
    if said.get("redirect_uri") not in client.redirect_uris:
        return pages.error("redirect_uri: 未登记的回调地址 / not a registered address", language=language)
    try:
        _wanted(said)
    except ProtocolError as error:
        return _back(said["redirect_uri"], signer.issuer, said.get("state"), error=error.error, error_description=error.detail)
    waiting = PendingRequest(client.id, said, clock.now())
    is_met = running is not None and waiting.is_met_by(running, clock.now())
    if not is_met and "none" in said.get("prompt", "").split():
        return _back(said["redirect_uri"], signer.issuer, said.get("state"), error="login_required")
    handle, browser = new_secret(), cookies.browser_of(request, signer.issuer)
    async with database.transaction() as session:
        await Requests(session).add(handle, said, client_id=client.id, browser=browser, at=clock.now())
    answer = RedirectResponse(f"{'/authorize/continue' if is_met else '/sign-on'}?{urlencode({'request': handle})}", 303, headers=NO_STORE)
    cookies.write(answer, signer.issuer, cookies.BROWSER, browser)
    return answer


@router.get("/authorize/continue", **PROTOCOL)
async def resume(request: Request, database: Database, clock: Clock, signer: Signer, pages: Pages) -> Response:
    """The end of a request: a code when the sign-on is what was asked for, the sign-on page again when it is not yet."""
    handle, at = request.query_params.get("request", ""), clock.now()
    async with database.reading() as reading:
        waiting = await Requests(reading).of_browser(handle, cookies.browser_of(request, signer.issuer), at)
        running = await _running(reading, request, signer.issuer)
    if waiting is None:
        return pages.stale(language=language_of(None, request.headers.get("accept-language")))
    said = waiting.said
    if "denied" in request.query_params:
        async with database.transaction() as session:
            await Requests(session).use(handle, at)
        return _back(said["redirect_uri"], signer.issuer, said.get("state"), error="access_denied")
    if running is None or not waiting.is_met_by(running, at):
        return RedirectResponse(f"/sign-on?{urlencode({'request': handle})}", 303, headers=NO_STORE)
    async with database.transaction() as session:
        if not await Requests(session).use(handle, at):
            return pages.stale(language=language_of(None, request.headers.get("accept-language")))
        code = await grants.issue_code(session, _wanted(said), running, at=at)
    return _back(said["redirect_uri"], signer.issuer, said.get("state"), code=code)


async def _running(reading: ReadSession, request: Request, issuer: str) -> Session | None:
    cookie = cookies.read(request, issuer, cookies.SIGN_ON)
    return await Sessions(reading).of_cookie(cookie) if cookie else None


def _wanted(said: Mapping[str, str]) -> AuthorizationRequest:
    """The request for a code, checked. Raises ProtocolError with the OAuth error to send back."""
    if "request" in said or "request_uri" in said:
        raise ProtocolError("request_not_supported" if "request" in said else "request_uri_not_supported")
    if said.get("response_type") != "code":
        raise ProtocolError("unsupported_response_type" if said.get("response_type") else "invalid_request", "response_type=code")
    if said.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(said.get("code_challenge", "")):
        raise ProtocolError("invalid_request", "PKCE with S256 is needed")
    if not all(_OPAQUE.fullmatch(said.get(name, "")) for name in ("state", "nonce")):
        raise ProtocolError("invalid_request", "state or nonce is too long or not printable ASCII")
    if len(prompts := said.get("prompt", "").split()) > 1 and "none" in prompts:
        raise ProtocolError("invalid_request", "prompt=none stands alone")
    scope = " ".join(dict.fromkeys(each for each in said.get("scope", "").split() if each in _SCOPES))
    if not scope:
        raise ProtocolError("invalid_scope")
    return AuthorizationRequest(
        said["client_id"], said["redirect_uri"], scope, said["code_challenge"], said.get("state"), said.get("nonce")
    )


def _back(redirect_uri: str, issuer: str, state: str | None, **said: str) -> RedirectResponse:
    """Send the browser back with an answer that names its issuer. Source: RFC 9207."""
    parameters = {name: value for name, value in {**said, "state": state, "iss": issuer}.items() if value}
    joint = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(parameters)}", 303, headers=NO_STORE)
