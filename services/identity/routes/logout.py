"""The end of a sign-on, asked for by a client or by the person. Source: OpenID Connect RP-Initiated Logout 1.0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.database import ReadSession
from chassis.http import Router
from contracts.values import PartyId
from services.identity.commands.sign_on import revoke_session
from services.identity.domain.logout import Hint
from services.identity.domain.sign_on import Session
from services.identity.pages import language_of
from services.identity.repository import Clients
from services.identity.routes import cookies
from services.identity.routes.dependencies import AtEndpoint, Pages
from services.identity.routes.protocol import NO_STORE, PROTOCOL, form_of
from services.identity.routes.waiting import sign_on_in
from services.identity.tokens.logout import read_hint

router = Router()

_KEPT: Final = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request comes to. `address` is where the browser may go afterwards, `problem` what is wrong with it."""

    hint: Hint | None
    client_name: str
    address: str
    problem: str

    def is_about(self, running: Session) -> bool:
        return not self.problem and self.hint is not None and self.hint.session_id == running.id


@router.get("/logout", **PROTOCOL)
@router.post("/logout", **PROTOCOL)
async def logout(request: Request, endpoint: AtEndpoint, pages: Pages) -> Response:
    """Ends the browser's sign-on everywhere: at once for a client that names it, else when its person says so."""
    said, at = await _said(request), endpoint.clock.now()
    language = language_of(said.get("ui_locales"), request.headers.get("accept-language"))
    is_own_page = request.headers.get("origin", endpoint.issuer) == endpoint.issuer
    action = said.get("action", "") if request.method == "POST" else ""
    if action and not is_own_page:
        return pages.stale(language=language, status=403)
    async with endpoint.database.reading() as reading:
        asked = await _asked(reading, said, read_hint(endpoint.signer, said.get("id_token_hint", ""), at))
        name, running = await _running(reading, request, endpoint.issuer, asked.hint, at)
    if action == "stay":
        return pages.bilingual("logout.html", language=language, step="stay")
    # The cookie does not come with a form of another site, so only our own page or a link shows that there is no sign-on.
    is_nobody = running is None and (is_own_page or request.method == "GET")
    is_told = action == "confirm" or is_nobody or (running is not None and asked.is_about(running))
    if not is_told or (asked.problem and action != "confirm"):
        fields = {name: said[name] for name in _KEPT if name in said} | {"ui_locales": language}
        shown = {"fields": fields, "client": asked.client_name, "problem": asked.problem}
        step = "done" if is_nobody else "confirm"
        return pages.bilingual("logout.html", language=language, status=400 if asked.problem else 200, step=step, **shown)
    async with endpoint.database.transaction() as session:
        for each in _ending(running, asked.hint):
            await revoke_session(session, each, at=at)
    answer: Response = pages.bilingual("logout.html", language=language, step="done")
    if asked.address and (asked.hint or action == "confirm"):
        answer = RedirectResponse(asked.address, 303, headers=NO_STORE)
    cookies.forget(answer, endpoint.issuer, name)
    return answer


async def _running(reading: ReadSession, request: Request, issuer: str, hint: Hint | None, at: datetime) -> tuple[str, Session | None]:
    """The sign-on that is to end and the name of its cookie: of an officer where the hint names it or no person is signed on."""
    found = {name: await sign_on_in(reading, request, issuer, name) for name in (cookies.SIGN_ON, cookies.STAFF)}
    live = {name: each for name, each in found.items() if each is not None and each.is_live(at)}
    named = [name for name, each in live.items() if hint is not None and each.id == hint.session_id]
    name = next(iter([*named, *live]), cookies.SIGN_ON)
    return name, live.get(name)


async def _said(request: Request) -> Mapping[str, str]:
    if request.method == "POST":
        return await form_of(request)
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


async def _asked(reading: ReadSession, said: Mapping[str, str], hint: Hint | None) -> _Asked:
    """A request with a wrong hint is nobody's, so it gets nobody sent anywhere."""
    named = said.get("client_id")
    is_hint_wrong = bool(said.get("id_token_hint")) and (hint is None or named not in {None, "", hint.client_id})
    client_id = "" if is_hint_wrong else str(PartyId.read(hint.client_id if hint else named) or "")
    client = await Clients(reading).get(client_id) if client_id else None
    wanted = said.get("post_logout_redirect_uri", "")
    is_known = client is not None and wanted in client.settings.post_logout_redirect_uris
    joint = "&" if "?" in wanted else "?"
    address = f"{wanted}{joint}{urlencode({'state': said['state']})}" if said.get("state") else wanted
    problem = "hint" if is_hint_wrong else "address" if wanted and not is_known else ""
    return _Asked(None if is_hint_wrong else hint, client.name if client else "", address if is_known else "", problem)


def _ending(running: Session | None, hint: Hint | None) -> set[str]:
    """The browser's sign-on, and an older one of the same person that the client still knows."""
    if running is None:
        return set()
    return {running.id} | ({hint.session_id} if hint and hint.account == running.account else set())
