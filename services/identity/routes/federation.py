"""Signing on by a national or provincial platform: there and back, while a request for a code waits."""

from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.http import Clock, Database, Router, Sealer
from services.identity.commands import federation
from services.identity.domain.federation import UpstreamAway, UpstreamRefused
from services.identity.domain.secrets import challenge_of, new_secret
from services.identity.pages import language_of
from services.identity.repository import Begun, FederationJourneys, Requests
from services.identity.routes import cookies
from services.identity.routes.dependencies import Pages, Signer, Upstreams
from services.identity.routes.desk import device_of, write_sign_on
from services.identity.routes.protocol import NO_STORE, PROTOCOL
from services.identity.routes.waiting import sign_on_in
from services.identity.upstreams import Journey

router = Router()

_TEXTS = {
    "away": ("该平台暂不可用，请稍后再试或改用其他方式登录。", "This platform is away: try again later or sign on another way."),
    "refused": ("该平台未能确认您的身份，请改用其他方式登录。", "This platform did not confirm who you are: sign on another way."),
}


@router.get("/federation/{upstream_id}", **PROTOCOL)
async def begin(
    upstream_id: str, request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages, upstreams: Upstreams
) -> Response:
    """Send the person to the platform; what they come back with ends the same request for a code."""
    handle, browser = request.query_params.get("request", ""), cookies.browser_of(request, signer.issuer)
    language = language_of(None, request.headers.get("accept-language"))
    upstream = upstreams.known.get(upstream_id)
    async with database.reading() as reading:
        waiting = await Requests(reading).of_browser(handle, browser, clock.now())
    if upstream is None or waiting is None:
        return pages.stale(language=language)
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    journey = Journey(state, nonce, verifier, challenge_of(verifier), _return_url(signer.issuer, upstream_id))
    try:
        address = await upstreams.address(upstream, journey)
    except (UpstreamAway, UpstreamRefused):
        return pages.error(_said("away", language), language=language, status=503)
    async with database.transaction() as session:
        begun = Begun(upstream_id, handle, nonce, verifier)
        await FederationJourneys(session, sealer).add(state, begun, browser=browser, at=clock.now())
    return RedirectResponse(address, 303, headers=NO_STORE)


@router.get("/federation/{upstream_id}/callback", **PROTOCOL)
async def come_back(
    upstream_id: str, request: Request, database: Database, clock: Clock, sealer: Sealer, signer: Signer, pages: Pages, upstreams: Upstreams
) -> Response:
    """The person comes back: who they are is asked of the platform itself, and their sign-on here begins."""
    said, at = dict(request.query_params), clock.now()
    language = language_of(None, request.headers.get("accept-language"))
    async with database.transaction() as session:
        journeys = FederationJourneys(session, sealer)
        browser = cookies.browser_of(request, signer.issuer)
        begun = await journeys.take(said.get("state", ""), upstream=upstream_id, browser=browser, at=at)
    upstream = upstreams.known.get(upstream_id)
    if begun is None or upstream is None:
        return pages.stale(language=language)
    journey = Journey(said["state"], begun.nonce, begun.verifier, challenge_of(begun.verifier), _return_url(signer.issuer, upstream_id))
    try:
        stated = await upstreams.person(upstream, said, journey, at)
        async with database.transaction() as session:
            running = await sign_on_in(session, request, signer.issuer, cookies.SIGN_ON)
            proven, cookie = await federation.prove(session, upstream, stated, running, sealer, device=device_of(request), at=at)
    except UpstreamAway:
        return pages.error(_said("away", language), language=language, status=503)
    except UpstreamRefused:
        return pages.error(_said("refused", language), language=language, status=403)
    answer = RedirectResponse(f"/authorize/continue?{urlencode({'request': begun.handle})}", 303, headers=NO_STORE)
    write_sign_on(answer, signer.issuer, proven, cookie)
    return answer


def _return_url(issuer: str, upstream_id: str) -> str:
    return f"{issuer}/federation/{upstream_id}/callback"


def _said(what: str, language: str) -> str:
    zh, en = _TEXTS[what]
    return en if language == "en" else zh
