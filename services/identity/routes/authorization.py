"""Asking for a code in a browser. Source: OpenID Connect Core 3.1.2, RFC 9126 section 4."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from chassis.http import Router
from services.identity.commands import consents
from services.identity.domain.authorization import PARAMETERS, AuthorizationRequest
from services.identity.domain.clients import Client
from services.identity.domain.secrets import digest, new_secret
from services.identity.domain.sign_on import PendingRequest, ProtocolError
from services.identity.pages import language_of
from services.identity.repository import Requests
from services.identity.routes import cookies
from services.identity.routes.dependencies import AtEndpoint, Endpoint, Pages
from services.identity.routes.protocol import PROTOCOL, parameters_of, single
from services.identity.routes.waiting import Waiting, asked_by, back, give_code, onwards, refuse, running_sign_on, waiting_in

router = Router()

REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"
_TEXTS: Final = {
    "invalid_request": "invalid_request: 请求参数重复或无法读取 / a parameter is given twice or cannot be read",
    "invalid_client": "client_id: 未登记的应用 / not a registered client",
    "invalid_redirect_uri": "redirect_uri: 未登记的回调地址 / not a registered address",
    "invalid_request_uri": "request_uri: 请求已使用、已过期或属于其他应用 / used before, expired, or of another client",
}


class _NowhereToGo(Exception):
    """The browser cannot be sent back: nobody has vouched for the address. Named by the key of a text."""


# What the person, or the page of their sign-on, says in the place of a sign-on.
_REFUSALS = {"denied": "access_denied", "unmet": "unmet_authentication_requirements"}


@dataclass(frozen=True, slots=True)
class _Asked:
    client: Client
    pending: PendingRequest
    request: AuthorizationRequest


@router.get("/authorize", **PROTOCOL)
@router.post("/authorize", **PROTOCOL)
async def authorize(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """Ask for a code: by the browser's running sign-on, or after signing on."""
    said: Mapping[str, str] = {}
    try:
        said = await _said(request)
        asked = await _asked(endpoint, said)
    except _NowhereToGo as refusal:
        language = language_of(said.get("ui_locales"), request.headers.get("accept-language"))
        return pages.error(_TEXTS[str(refusal)], language=language)
    except _Refused as refusal:
        return back(refusal.redirect_uri, endpoint.issuer, refusal.state, error=refusal.error, error_description=refusal.detail)
    return await _wait(endpoint, request, asked)


async def _said(request: Request) -> dict[str, str]:
    try:
        return await parameters_of(request) if request.method == "POST" else single(request.query_params.multi_items())
    except ProtocolError:
        raise _NowhereToGo("invalid_request") from None


class _Refused(Exception):
    """The browser goes back to its client with an OAuth error."""

    def __init__(self, said: Mapping[str, str], refusal: ProtocolError) -> None:
        super().__init__(refusal.error)
        self.redirect_uri, self.state = said["redirect_uri"], said.get("state")
        self.error, self.detail = refusal.error, refusal.detail


async def _asked(endpoint: Endpoint, said: Mapping[str, str]) -> _Asked:
    client = await endpoint.clients.get(said.get("client_id", ""))
    if client is None:
        raise _NowhereToGo("invalid_client")
    at = endpoint.clock.now()
    if said.get("request_uri", "").startswith(REQUEST_URI):
        pending = await _pushed(endpoint, said, client, at)
    else:
        if said.get("redirect_uri") not in client.redirect_uris:
            raise _NowhereToGo("invalid_redirect_uri")
        pending = PendingRequest(str(client.id), {name: value for name, value in said.items() if name in PARAMETERS}, at)
        if client.needs_pushed_requests:
            raise _Refused(said, ProtocolError("invalid_request", "this client pushes its requests first"))
    if pending.said.get("redirect_uri") not in client.redirect_uris:
        raise _NowhereToGo("invalid_redirect_uri")
    try:
        request = asked_by(pending, client)
        subject = _subject(endpoint, pending, request)
    except ProtocolError as refusal:
        raise _Refused(pending.said, refusal) from None
    return _Asked(client, PendingRequest(pending.client_id, pending.said, at, subject, pending.pushed, pending.jkt), request)


async def _pushed(endpoint: Endpoint, said: Mapping[str, str], client: Client, at: datetime) -> PendingRequest:
    """What was pushed, and nothing of what stands beside it in the address: a browser can be made to say anything."""
    handle = said["request_uri"].removeprefix(REQUEST_URI)
    async with endpoint.database.reading() as reading:
        pushed = await Requests(reading).pushed(handle, client.id, at)
    if pushed is None:
        raise _NowhereToGo("invalid_request_uri")
    return PendingRequest(pushed.client_id, pushed.said, at, pushed=digest(handle), jkt=pushed.jkt)


def _subject(endpoint: Endpoint, pending: PendingRequest, request: AuthorizationRequest) -> str | None:
    """Whom the client expects to sign on."""
    hint = pending.said.get("id_token_hint")
    if not hint:
        return request.claims.subject
    claims = endpoint.signer.read_id_token(hint)
    if claims is None or claims["aud"] != request.client_id:
        raise ProtocolError("invalid_request", "id_token_hint is no ID token of ours for this client")
    return str(claims["sub"])


async def _wait(endpoint: Endpoint, request: Request, asked: _Asked) -> Response:
    """Keep the request for this browser, and send the browser where it is to go next.

    A form of another site comes without our cookies: only the next request tells whether somebody is signed on.
    """
    handle, browser, at = new_secret(), cookies.browser_of(request, endpoint.issuer), endpoint.clock.now()
    async with endpoint.database.reading() as reading:
        running = await running_sign_on(reading, request, endpoint.issuer, asked.pending)
    waiting = Waiting(handle, asked.client, asked.pending, asked.request, running)
    is_met = waiting.met_by(at) is not None or request.method == "POST"
    if not is_met and waiting.is_silent:
        return back(asked.request.redirect_uri, endpoint.issuer, asked.request.state, error="login_required")
    async with endpoint.database.transaction() as session:
        await Requests(session).add(handle, asked.pending, browser=browser)
    answer = onwards("/authorize/continue" if is_met else "/sign-on", handle)
    cookies.write(answer, endpoint.issuer, cookies.BROWSER, browser)
    return answer


@router.get("/authorize/continue", **PROTOCOL)
async def resume(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """The end of a request: a code when the sign-on is what was asked for, the sign-on page again when it is not yet."""
    waiting = await waiting_in(endpoint, request, request.query_params.get("request", ""))
    refusal = next((error for name, error in _REFUSALS.items() if name in request.query_params), None)
    answer = await _answer(endpoint, waiting, refusal) if waiting else None
    return answer or pages.stale(language=language_of(None, request.headers.get("accept-language")))


async def _answer(endpoint: Endpoint, waiting: Waiting, refusal: str | None) -> Response | None:
    if refusal:
        return await refuse(endpoint, waiting, refusal)
    sign_on = waiting.met_by(endpoint.clock.now())
    if sign_on is None:
        return await refuse(endpoint, waiting, "login_required") if waiting.is_silent else onwards("/sign-on", waiting.handle)
    async with endpoint.database.reading() as reading:
        asks = await consents.is_needed(reading, waiting.client, waiting.pending, waiting.asked, sign_on)
    if asks:
        return await refuse(endpoint, waiting, "consent_required") if waiting.is_silent else onwards("/consent", waiting.handle)
    return await give_code(endpoint, waiting, sign_on)
