"""What a person sees to of their own account in a browser: where they are signed on, and their passkeys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from chassis.http import Router
from contracts.values import SessionId
from services.identity import passwords
from services.identity.commands import passkeys as ceremonies
from services.identity.commands import passwords as choosing
from services.identity.commands import proofs, sign_on
from services.identity.commands.passkeys import Answer
from services.identity.domain.passkeys import Purpose
from services.identity.domain.persons import Person
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import NoSuchDevice, Session
from services.identity.pages import DISPLAY_ACTIONS, Display
from services.identity.queries import devices as queries
from services.identity.repository import Passkeys, Sessions
from services.identity.routes import cookies
from services.identity.routes.desk import AtDesk, Desk, device_of, display_of, keep_display, person_of, shown_as, source_of
from services.identity.routes.protocol import PROTOCOL, form_of

router = Router()


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is signed on in this browser."""

    desk: AtDesk
    request: Request
    person: Person
    running: Session
    display: Display
    at: datetime

    def show(self, template: str, *, message: str = "", status: int = 200, has_script: bool = False, **said: Any) -> Response:
        shown = {"name": shown_as(self.person), **said}
        answer = self.desk.pages.show(template, self.display, message=message, status=status, has_script=has_script, **shown)
        if self.request.method == "POST":
            keep_display(answer, self.desk.issuer, self.display)
        return answer


async def _owner(request: Request, desk: AtDesk, form: dict[str, str]) -> Owner | Response:
    """Who is signed on, or the page that says that nobody is. A form comes from our own pages only."""
    display, at = display_of(request, desk.issuer).changed(form.get("action", "")), desk.clock.now()
    if request.method == "POST" and request.headers.get("origin") != desk.issuer:
        return desk.pages.stale(language=display.language, status=403)
    cookie = cookies.read(request, desk.issuer, cookies.SIGN_ON)
    async with desk.database.reading() as reading:
        running = await Sessions(reading).of_cookie(cookie) if cookie else None
        person = await person_of(desk, reading, running.person_id) if running and running.is_live(at) else None
    if running is None or person is None:
        return desk.pages.show("signed_off.html", display, status=401)
    return Owner(desk, request, person, running, display, at)


@router.get("/account/devices", **PROTOCOL)
async def devices(request: Request, desk: Desk) -> Response:
    owner = await _owner(request, desk, {})
    return owner if isinstance(owner, Response) else await _devices(owner)


@router.post("/account/devices", **PROTOCOL)
async def end(request: Request, desk: Desk) -> Response:
    """End one sign-on, or all but this one."""
    form = await form_of(request)
    owner = await _owner(request, desk, form)
    if isinstance(owner, Response):
        return owner
    if form.get("action") in DISPLAY_ACTIONS:
        return await _devices(owner)
    ended, others = SessionId.read(form.get("session_id")), form.get("action") == "others"
    async with desk.database.transaction() as session:
        if others:
            await sign_on.end_others(session, owner.person.id, but=owner.running.id, at=owner.at)
        else:
            try:
                await sign_on.end_device(session, owner.person.id, ended, at=owner.at)
            except NoSuchDevice:
                return await _devices(owner, status=404)
    if ended != owner.running.id or others:
        return await _devices(owner, message="ended")
    answer = desk.pages.show("signed_off.html", owner.display, message="ended")
    cookies.forget(answer, desk.issuer, cookies.SIGN_ON)
    return answer


@router.get("/account/passkeys", **PROTOCOL)
async def passkeys(request: Request, desk: Desk) -> Response:
    owner = await _owner(request, desk, {})
    return owner if isinstance(owner, Response) else await _passkeys(owner)


@router.post("/account/passkeys", **PROTOCOL)
async def change_passkeys(request: Request, desk: Desk) -> Response:
    """Add or remove a passkey. Both ask for the password: a passkey signs its holder on ever after."""
    form = await form_of(request)
    owner = await _owner(request, desk, form)
    if isinstance(owner, Response):
        return owner
    action = form.get("action")
    if action in DISPLAY_ACTIONS:
        return await _passkeys(owner)
    is_right = await passwords.is_right(owner.person.password, form.get("password", ""))
    async with desk.database.transaction() as session:
        account, source = choosing.account_of(owner.person, ""), source_of(request)
        counts = await proofs.note_attempt(session, account, source, desk.sealer, is_right=is_right, at=owner.at)
    if not counts:
        return await _passkeys(owner, message="wrong", status=401)
    if action == "remove":
        async with desk.database.transaction() as session:
            await Passkeys(session).remove(_bytes(form.get("credential", "")), owner.person.id)
        return await _passkeys(owner, message="passkey-removed")
    answer = Answer(desk.site, form.get("credential", ""), digest(owner.running.id))
    async with desk.database.transaction() as session:
        added = await ceremonies.add(session, answer, Purpose.REGISTER, owner.person.id, device=device_of(request), at=owner.at)
    return await _passkeys(owner, message="passkey-added" if added else "wrong-passkey", status=200 if added else 422)


async def _devices(owner: Owner, *, message: str = "", status: int = 200) -> Response:
    async with owner.desk.database.reading() as reading:
        found = await queries.devices(reading, owner.person.id, current=owner.running.id, at=owner.at)
    return owner.show("devices.html", message=message, status=status, devices=found)


async def _passkeys(owner: Owner, *, message: str = "", status: int = 200) -> Response:
    site, person = owner.desk.site, owner.person
    async with owner.desk.database.transaction() as session:
        known = await Passkeys(session).of(person.id)
        challenge = await ceremonies.ask(session, Purpose.REGISTER, owner=digest(owner.running.id), at=owner.at)
    options = site.asks_for_new(challenge, account=person.id, name=shown_as(person), known=known) if site else ""
    return owner.show("passkeys.html", message=message, status=status, has_script=True, passkeys=known, options=options)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
