"""An ASGI application behind the door's own protocol, which calls its application otherwise."""

from starlette.types import ASGIApp, Message

from gateway.door import App, Exchange


def spoken_to(app: ASGIApp) -> App:
    """An ASGI application as the door calls it."""

    async def called(exchange: Exchange) -> None:
        incoming, status, headers = exchange.incoming, 0, []
        scope = {
            "type": "http",
            "method": incoming.method,
            "raw_path": incoming.path.encode(),
            "query_string": incoming.query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in incoming.headers],
        }

        async def receive() -> Message:
            piece = await exchange.body.next()
            return {"type": "http.request", "body": piece, "more_body": not exchange.body.is_complete}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], [each for each in message["headers"] if each[0] != b"content-length"]
            else:
                exchange.answer(status, headers, message["body"])

        await app(scope, receive, send)

    return called
