"""One browser at the sign-on of one waiting request."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from contracts.values import Assurance
from services.identity.commands import sign_on
from services.identity.commands.proofs import worth
from services.identity.domain.clients import Client
from services.identity.domain.methods import MethodCode
from services.identity.domain.persons import Person
from services.identity.domain.secrets import digest
from services.identity.domain.sign_on import LOGIN_FREE_DAYS, PendingRequest, Session
from services.identity.pages import Display
from services.identity.repository import Clients, Passkeys, Requests, Sessions
from services.identity.routes import cookies
from services.identity.routes.desk import AtDesk, device_of, display_of, person_of, shown_as, source_of, write_sign_on
from services.identity.routes.protocol import NO_STORE


@dataclass(frozen=True, slots=True)
class Visit:
    """`running` is the live sign-on of the browser, `person` whose it is; both None where nobody is signed on.

    `offered` are the ways that reach what is asked for.
    """

    desk: AtDesk
    request: Request
    form: dict[str, str]
    handle: str
    waiting: PendingRequest
    client: Client
    display: Display
    at: datetime
    running: Session | None = None
    person: Person | None = None
    offered: tuple[MethodCode, ...] = field(default=())

    @property
    def source(self) -> str:
        return source_of(self.request)

    @property
    def owner(self) -> bytes:
        """Of challenges that are asked in this visit."""
        return digest(self.handle)

    @property
    def login_free_days(self) -> int:
        said = self.form.get("login_free", "")
        return int(said) if said in {str(days) for days in LOGIN_FREE_DAYS} else 0

    def as_anybody(self) -> "Visit":
        """The same visit, to sign on with another account."""
        return replace(self, person=None, offered=_offered(self.desk, self.waiting.required_assurance, None, has_passkey=True))

    def can_reach(self) -> bool:
        """Whether the person's account can ever be what the request asks for."""
        return self.person is None or any(worth(each, self.person.assurance) >= self.waiting.required_assurance for each in self.offered)

    def show(self, template: str, *, message: str = "", status: int = 200, has_script: bool = False, **said: Any) -> Response:
        shown = {
            "request": self.handle,
            "client": self.client.name,
            "name": shown_as(self.person) if self.person else "",
            "required": self.waiting.required_assurance,
            "offered": [each.value for each in self.offered],
            "login_free": self.form.get("login_free", "0"),
            "username": self.form.get("username", ""),
            "upstreams": list(self.request.app.state.upstreams.known.values()),
            **said,
        }
        return self.desk.pages.show(template, self.display, message=message, status=status, has_script=has_script, **shown)

    def entry(self, *, message: str = "", status: int = 200) -> Response:
        """The page that a visit begins with, and comes back to when something was wrong."""
        if self.waiting.is_for_staff:
            return self.show("staff.html", message=message, status=status, step="", agency=self.form.get("agency", ""))
        if self.person is not None and self.running is not None and not self.can_reach():
            return self.show("unmet.html", reached=int(self.running.level(self.at)))
        lacks = self.waiting.lacks(self.running, self.at) if self.person and self.running else None
        return self.show("login.html", message=message, status=status, lacks=lacks, login_free_days=LOGIN_FREE_DAYS)

    def onward(self, **more: str) -> RedirectResponse:
        return RedirectResponse(f"/authorize/continue?{urlencode({'request': self.handle, **more})}", 303, headers=NO_STORE)

    async def signed_on(self, proof: sign_on.Proof) -> Response:
        async with self.desk.database.transaction() as session:
            proven, cookie = await sign_on.prove(
                session, proof, self.running, device=device_of(self.request), login_free_days=self.login_free_days, at=self.at
            )
        answer = self.onward()
        write_sign_on(answer, self.desk.issuer, proven, cookie)
        return answer


async def begin(desk: AtDesk, request: Request, handle: str, form: dict[str, str]) -> Visit | Response:
    """The visit, or the page that says why there is none."""
    at, browser = desk.clock.now(), cookies.browser_of(request, desk.issuer)
    async with desk.database.reading() as reading:
        waiting = await Requests(reading).of_browser(handle, browser, at)
        client = await Clients(reading).get(waiting.client_id) if waiting else None
        display = display_of(request, desk.issuer, waiting.said.get("ui_locales") if waiting else None)
        if waiting is None or client is None:
            return desk.pages.stale(language=display.language)
        cookie = cookies.read(request, desk.issuer, cookies.STAFF if waiting.is_for_staff else cookies.SIGN_ON)
        running = await Sessions(reading).of_cookie(cookie) if cookie else None
        is_live = running is not None and running.is_live(at) and waiting.is_for(running)
        visit = Visit(desk, request, form, handle, waiting, client, display, at, running if is_live else None)
        person = await person_of(desk, reading, visit.running.person_id) if visit.running else None
        has_passkey = person is None or bool(await Passkeys(reading).of(person.id))
    sure = visit.running.level(at) if visit.running and person else 0
    offered = _offered(desk, max(waiting.required_assurance, sure), person, has_passkey=has_passkey)
    return replace(visit, person=person, offered=offered)


def _offered(desk: AtDesk, floor: int, person: Person | None, *, has_passkey: bool) -> tuple[MethodCode, ...]:
    """A weaker proof than the running sign-on would begin another one, so it is no way to confirm it."""
    account = person.assurance if person else Assurance.CERTIFIED
    has = {
        MethodCode.PASSWORD: person is None or bool(person.password),
        MethodCode.SMS: person is None or bool(person.phone),
        MethodCode.PASSKEY: has_passkey and desk.site is not None,
    }
    return tuple(each for each, is_there in has.items() if is_there and worth(each, account) >= floor)
