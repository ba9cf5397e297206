"""Devices without a keyboard: how one asks, and the page where its person lets it in. Source: RFC 8628."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import JSONResponse

from chassis.http import Router
from services.identity.commands import device_grant
from services.identity.domain.device_grant import CODE_LIFE, POLL_INTERVAL_S, DeviceRequest, Guesses, shown, typed
from services.identity.domain.secrets import new_secret
from services.identity.domain.sign_on import ProtocolError, Session
from services.identity.pages import language_of
from services.identity.routes import cookies
from services.identity.routes.client_authentication import authenticated
from services.identity.routes.dependencies import AtEndpoint, Endpoint, Pages
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of, oauth_error, parameters_of
from services.identity.routes.waiting import onwards, sign_on_in

router = Router()


@router.post("/device_authorization", **PROTOCOL)
async def ask(request: Request, endpoint: AtEndpoint) -> Response:
    at = endpoint.clock.now()
    try:
        form = await parameters_of(request)
        client = await authenticated(endpoint, request, form)
        async with endpoint.database.transaction() as session:
            codes = await device_grant.ask(session, endpoint.sealer, client, scope=form.get("scope", ""), at=at)
    except ProtocolError as error:
        return oauth_error(error)
    page, user_code = f"{endpoint.issuer}/device", shown(codes.user)
    said = {
        "device_code": codes.device,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?{urlencode({'user_code': user_code})}",
        "expires_in": int(CODE_LIFE.total_seconds()),
        "interval": POLL_INTERVAL_S,
    }
    return JSONResponse(said, headers=NO_STORE)


@router.get("/device", **PROTOCOL)
async def page(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """Where a person types the code. A code in the link only fills the field: the person is to compare it."""
    user_code = typed(request.query_params.get("user_code", ""))
    language = language_of(request.query_params.get("ui_locales"), request.headers.get("accept-language"))
    sign_on = await _sign_on(request, endpoint)
    if sign_on is None and "error" in request.query_params:
        return pages.bilingual("device_grant.html", language=language, step="denied")
    if sign_on is None:
        return await _to_sign_on(request, endpoint, user_code, language)
    return _said(pages, language, sign_on, step="code", user_code=shown(user_code) if user_code else "")


@router.post("/device", **PROTOCOL)
async def decide(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """The forms of our own page: which device it is, and whether it may come in."""
    form = await form_of(request)
    language, user_code = language_of(form.get("ui_locales"), request.headers.get("accept-language")), typed(form.get("user_code", ""))
    if request.headers.get("origin", endpoint.issuer) != endpoint.issuer:
        return pages.stale(language=language, status=403)
    sign_on = await _sign_on(request, endpoint)
    if sign_on is None:
        return await _to_sign_on(request, endpoint, user_code, language)
    if sign_on.person_id is None:
        return _said(pages, language, sign_on, step="code", user_code="")
    action = form.get("action", "")
    found, name = await _found(endpoint, user_code, sign_on, action)
    if isinstance(found, Guesses) or not name:
        message = "locked" if isinstance(found, Guesses) and found.is_locked(endpoint.clock.now()) else "wrong"
        return pages.bilingual("device_grant.html", language=language, status=400, step="code", user_code="", message=message)
    if action in {"allow", "deny"}:
        return pages.bilingual("device_grant.html", language=language, step="allowed" if action == "allow" else "denied")
    said: dict[str, Any] = {"client": name, "scope": found.scope.split(), "user_code": user_code, "shown": shown(user_code)}
    return pages.bilingual("device_grant.html", language=language, step="confirm", **said)


async def _found(endpoint: Endpoint, user_code: str, sign_on: Session, action: str) -> tuple[DeviceRequest | Guesses, str]:
    """The device, once what the person decided has been done, and its name."""
    sealer, at = endpoint.sealer, endpoint.clock.now()
    async with endpoint.database.transaction() as session:
        found = await device_grant.find(session, sealer, user_code, account=sign_on.account, at=at)
        name = await device_grant.name_of(session, found) if isinstance(found, DeviceRequest) else ""
        if name and action in {"allow", "deny"}:
            await device_grant.decide(session, sealer, user_code, sign_on, is_allowed=action == "allow", at=at)
    return found, name


async def _sign_on(request: Request, endpoint: Endpoint) -> Session | None:
    async with endpoint.database.reading() as reading:
        found = await sign_on_in(reading, request, endpoint.issuer, cookies.SIGN_ON)
    return found if found is not None and found.is_live(endpoint.clock.now()) else None


async def _to_sign_on(request: Request, endpoint: Endpoint, user_code: str, language: str) -> Response:
    handle, browser = new_secret(), cookies.browser_of(request, endpoint.issuer)
    back = f"{endpoint.issuer}/device?{urlencode({'user_code': user_code, 'ui_locales': language})}"
    async with endpoint.database.transaction() as session:
        await device_grant.wait_for_person(session, handle, back, browser=browser, at=endpoint.clock.now())
    answer = onwards("/sign-on", handle)
    cookies.write(answer, endpoint.issuer, cookies.BROWSER, browser)
    return answer


def _said(pages: Pages, language: str, sign_on: Session, **said: Any) -> Response:
    return pages.bilingual("device_grant.html", language=language, message="" if sign_on.person_id else "staff", **said)
