"""A request for a code that waits in a browser: what is known of it, and the answers it can get. Source: RFC 6749, RFC 9207."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse

from chassis.database import ReadSession
from services.identity.commands import grants
from services.identity.domain import authorization
from services.identity.domain.authorization import AuthorizationRequest
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import PendingRequest, ProtocolError, Session
from services.identity.repository import Requests, Sessions
from services.identity.routes import cookies
from services.identity.routes.dependencies import Endpoint
from services.identity.routes.protocol import NO_STORE


@dataclass(frozen=True, slots=True)
class Waiting:
    """`handle` is what the browser calls it by, `running` the browser's sign-on, if it has one."""

    handle: str
    client: Client
    pending: PendingRequest
    asked: AuthorizationRequest
    running: Session | None

    def met_by(self, at: datetime) -> Session | None:
        """The running sign-on, where it is what was asked for."""
        return self.running if self.running and self.pending.is_met_by(self.running, at) else None

    @property
    def is_silent(self) -> bool:
        """Nobody may be shown a page."""
        return "none" in self.pending.prompts


async def running_sign_on(reading: ReadSession, request: Request, issuer: str, pending: PendingRequest) -> Session | None:
    """Of the person or of the officer, whichever the request is meant for."""
    return await sign_on_in(reading, request, issuer, cookies.STAFF if pending.is_for_staff else cookies.SIGN_ON)


async def sign_on_in(reading: ReadSession, request: Request, issuer: str, name: str) -> Session | None:
    """The sign-on that this cookie of the browser opens."""
    cookie = cookies.read(request, issuer, name)
    return await Sessions(reading).of_cookie(cookie) if cookie else None


async def waiting_in(endpoint: Endpoint, request: Request, handle: str) -> Waiting | None:
    """The request of this browser with this handle, while it waits."""
    async with endpoint.database.reading() as reading:
        browser = cookies.browser_of(request, endpoint.issuer)
        pending = await Requests(reading).of_browser(handle, browser, endpoint.clock.now())
        running = await running_sign_on(reading, request, endpoint.issuer, pending) if pending else None
    client = await endpoint.clients.get(pending.client_id) if pending else None
    if pending is None or client is None:
        return None
    try:
        return Waiting(handle, client, pending, asked_by(pending, client), running)
    except ProtocolError:
        # Its client was set up otherwise meanwhile.
        return None


def asked_by(pending: PendingRequest, client: Client) -> AuthorizationRequest:
    """Raises ProtocolError."""
    asked = authorization.read(pending.said, client)
    return replace(asked, jkt=pending.jkt or asked.jkt)


async def give_code(endpoint: Endpoint, waiting: Waiting, sign_on: Session) -> RedirectResponse | None:
    """Back to the client with a code, once; None when the request has been answered meanwhile."""
    at = endpoint.clock.now()
    async with endpoint.database.transaction() as session:
        if not await Requests(session).use(waiting.handle, at):
            return None
        await Sessions(session).seen(sign_on.id, at)
        code = await grants.issue_code(session, waiting.asked, sign_on, at=at)
    return back(waiting.asked.redirect_uri, endpoint.issuer, waiting.asked.state, code=code)


async def refuse(endpoint: Endpoint, waiting: Waiting, error: str) -> RedirectResponse | None:
    """Back to the client without a code; None as above."""
    async with endpoint.database.transaction() as session:
        if not await Requests(session).use(waiting.handle, endpoint.clock.now()):
            return None
    return back(waiting.asked.redirect_uri, endpoint.issuer, waiting.asked.state, error=error)


def back(redirect_uri: str, issuer: str, state: str | None, **said: str) -> RedirectResponse:
    """Send the browser back with an answer that names its issuer. Source: RFC 9207."""
    parameters = {name: value for name, value in {**said, "state": state, "iss": issuer}.items() if value}
    joint = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(parameters)}", 303, headers=NO_STORE)


def onwards(path: str, handle: str) -> RedirectResponse:
    """To another page of ours, for the same request."""
    return RedirectResponse(f"{path}?{urlencode({'request': handle})}", 303, headers=NO_STORE)
