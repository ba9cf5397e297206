"""Where a person proves who they are, in a browser. A request for a code waits meanwhile, and `/authorize/continue` ends it."""

from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.http import Clock, Database, Router, Sealer
from services.identity.commands import sign_on
from services.identity.pages import language_of
from services.identity.repository import Clients, Persons, Requests
from services.identity.routes import cookies
from services.identity.routes.dependencies import Pages, Signer
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of

router = Router()


@router.get("/sign-on", **PROTOCOL)
async def page(request: Request, database: Database, clock: Clock, signer: Signer, pages: Pages) -> Response:
    handle = request.query_params.get("request", "")
    async with database.reading() as reading:
        waiting = await Requests(reading).of_browser(handle, cookies.browser_of(request, signer.issuer), clock.now())
        client = await Clients(reading).get(waiting.client_id) if waiting else None
    language = language_of(waiting.said.get("ui_locales") if waiting else None, request.headers.get("accept-language"))
    if waiting is None or client is None:
        return pages.stale(language=language)
    return pages.login(handle, client.name, language=language)


@router.post("/sign-on", **PROTOCOL)
async def sign(request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages) -> Response:
    """The form. It is sent by our own page only, in the browser that asked.

    A page elsewhere could carry a request that its author made and sign the browser on as its author.
    """
    form = await form_of(request)
    language, size = language_of(form.get("language"), None), "large" if form.get("size") == "large" else ""
    handle = form.get("request", "")
    async with database.reading() as reading:
        waiting = await Requests(reading).of_browser(handle, cookies.browser_of(request, signer.issuer), clock.now())
        client = await Clients(reading).get(waiting.client_id) if waiting else None
        person = await Persons(reading, sealer).named(form.get("username", "")) if waiting else None
    if waiting is None or client is None:
        return pages.stale(language=language)
    if request.headers.get("origin", signer.issuer) != signer.issuer:
        return pages.stale(language=language, status=403)
    action = form.get("action", "login")
    if action in {"large", "normal", "zh", "en"}:
        size = action if action == "large" else "" if action == "normal" else size
        return pages.login(handle, client.name, language=action if action in {"zh", "en"} else language, size=size)
    is_right = await sign_on.check_password(person, form.get("password", ""))
    if person is not None:
        async with database.transaction() as session:
            is_right = await sign_on.note_attempt(session, person, sealer, is_right=is_right, at=clock.now())
    if person is None or not is_right:
        return pages.login(handle, client.name, language=language, size=size, message="wrong", status=401)
    async with database.transaction() as session:
        _, cookie = await sign_on.open_session(session, person, at=clock.now())
    answer = RedirectResponse(f"/authorize/continue?{urlencode({'request': handle})}", 303, headers=NO_STORE)
    cookies.write(answer, signer.issuer, cookies.SIGN_ON, cookie)
    return answer
