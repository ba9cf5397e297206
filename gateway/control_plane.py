"""The control plane as one more service behind the rooms, in this very process."""

from starlette.types import ASGIApp, Message, Scope

from gateway.decision import Deny
from gateway.proxy.answer import Answer


class ControlPlane:
    """Asks an ASGI application as if over a connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer | Deny:
        path, _, query = target.partition("?")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "client": None,
            "server": None,
        }
        answer = Answer()
        chunks: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            else:
                chunks.append(message.get("body", b""))

        await self._app(scope, receive, send)
        answer.body = b"".join(chunks)
        return answer
