"""Where a person proves who they are, in a browser. A request for a code waits meanwhile, and `/authorize/continue` ends it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from fastapi import Request, Response

from chassis.http import Router
from services.identity.commands import proofs
from services.identity.pages import DISPLAY_ACTIONS
from services.identity.routes.desk import Desk, is_from_own_page, keep_display
from services.identity.routes.protocol import PROTOCOL, form_of
from services.identity.routes.sign_on import forgotten, passkey, password, sms, staff
from services.identity.routes.sign_on.visit import Visit, begin

router = Router()

_SCRIPT: Final = (Path(__file__).parents[2] / "templates" / "passkey.js").read_text()

Action = Callable[[Visit], Awaitable[Response]]


async def _entry(visit: Visit) -> Response:
    return visit.entry()


async def _other(visit: Visit) -> Response:
    return visit.as_anybody().entry()


_OF_PERSONS: Final[dict[str, Action]] = {
    "login": password.login,
    "sms": sms.send,
    "code": sms.code,
    "passkey": passkey.ask,
    "passkey-used": passkey.used,
    "forgot": forgotten.ask,
    "forgot-code": forgotten.send,
    "reset": forgotten.reset,
    "other": _other,
    "back": _entry,
}
_OF_STAFF: Final[dict[str, Action]] = {
    "login": staff.login,
    "first": staff.first,
    "activate": staff.activate,
    "passkey-used": staff.used,
    "passkey-made": staff.made,
    "back": _entry,
}


@router.get("/sign-on", **PROTOCOL)
async def page(request: Request, desk: Desk) -> Response:
    """The page of a waiting request; nothing to do where the running sign-on is what it asks for."""
    visit = await begin(desk, request, request.query_params.get("request", ""), {})
    if isinstance(visit, Response):
        return visit
    is_met = visit.running is not None and visit.waiting.is_met_by(visit.running, visit.at)
    username = visit.waiting.said.get("login_hint", "")[:100]
    return visit.onward() if is_met else replace(visit, form={"username": username}).entry()


@router.post("/sign-on", **PROTOCOL)
async def sign(request: Request, desk: Desk) -> Response:
    """Our own forms only, in the browser that asked.

    A page elsewhere could carry a request that its author made and sign the browser on as its author.
    """
    form = await form_of(request)
    visit = await begin(desk, request, form.get("request", ""), form)
    if isinstance(visit, Response):
        return visit
    if not is_from_own_page(request, desk.issuer):
        return desk.pages.stale(language=visit.display.language, status=403)
    action = form.get("action", "login")
    if action == "deny":
        return visit.onward(denied="1")
    if action in DISPLAY_ACTIONS:
        changed = replace(visit, display=visit.display.changed(action))
        answer = changed.entry()
        keep_display(answer, desk.issuer, changed.display)
        return answer
    async with desk.database.reading() as reading:
        is_locked = await proofs.is_source_locked(reading, visit.source, desk.sealer, at=visit.at)
    if is_locked:
        return visit.entry(message="source", status=429)
    return await (_OF_STAFF if visit.waiting.is_for_staff else _OF_PERSONS).get(action, _entry)(visit)


@router.get("/sign-on/passkey.js", **PROTOCOL)
async def script() -> Response:
    """The one script of these pages."""
    return Response(_SCRIPT, media_type="text/javascript", headers={"cache-control": "no-cache"})
