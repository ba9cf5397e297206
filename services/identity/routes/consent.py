"""The page on which a person decides what a client may know of them. It works without script."""

from fastapi import Request, Response

from chassis.http import Router
from services.identity.commands import consents
from services.identity.domain.sign_on import Session
from services.identity.pages import language_of
from services.identity.routes.dependencies import AtEndpoint, Endpoint, Pages
from services.identity.routes.protocol import PROTOCOL, form_of
from services.identity.routes.waiting import Waiting, give_code, onwards, refuse, waiting_in

router = Router()


@router.get("/consent", **PROTOCOL)
async def page(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    waiting = await waiting_in(endpoint, request, request.query_params.get("request", ""))
    language = language_of(waiting.pending.said.get("ui_locales") if waiting else None, request.headers.get("accept-language"))
    if waiting is None:
        return pages.stale(language=language)
    if waiting.met_by(endpoint.clock.now()) is None:
        return onwards("/sign-on", waiting.handle)
    return pages.consent(waiting.handle, waiting.client.name, sorted(waiting.asked.consented), language=language)


@router.post("/consent", **PROTOCOL)
async def decide(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """The form. It is sent by our own page only: another's could agree in the person's name."""
    form = await form_of(request)
    language = language_of(form.get("language"), request.headers.get("accept-language"))
    if request.headers.get("origin", endpoint.issuer) != endpoint.issuer:
        return pages.stale(language=language, status=403)
    waiting = await waiting_in(endpoint, request, form.get("request", ""))
    if waiting is None:
        return pages.stale(language=language)
    sign_on = waiting.met_by(endpoint.clock.now())
    if sign_on is None:
        return onwards("/sign-on", waiting.handle)
    if form.get("action") != "accept":
        return await refuse(endpoint, waiting, "access_denied") or pages.stale(language=language)
    return await _agreed(endpoint, waiting, sign_on) or pages.stale(language=language)


async def _agreed(endpoint: Endpoint, waiting: Waiting, sign_on: Session) -> Response | None:
    async with endpoint.database.transaction() as session:
        await consents.give(session, waiting.asked, sign_on, at=endpoint.clock.now())
    return await give_code(endpoint, waiting, sign_on)
