"""What scripts of other origins may do: an application in a browser reaches the endpoints that its sign-on needs, no other.

Its origin is that of a registered redirect address of a public client. Cookies are never part of it. Source: Fetch standard.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.identity.repository import KnownClients

PATHS: Final = frozenset(
    {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks", "/token", "/userinfo", "/revoke"}
)
_ALLOWED: Final = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Authorization, Content-Type, DPoP",
    "access-control-max-age": "600",
}


class CrossOrigin:
    def __init__(self, app: ASGIApp, clients: KnownClients) -> None:
        self._app = app
        self._clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" and scope["path"] in PATHS else None
        if origin is None or origin not in await self._clients.origins():
            await self._app(scope, receive, send)
            return

        async def allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["access-control-allow-origin"] = origin
                headers["access-control-expose-headers"] = "WWW-Authenticate"
                headers.add_vary_header("origin")
                if scope["method"] == "OPTIONS":
                    headers.update(_ALLOWED)
            await send(message)

        await self._app(scope, receive, allowed)
