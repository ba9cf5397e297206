"""The kit's door: speaks HTTP/1.1 as the gateway does, meets each request as the script says, and keeps a transcript."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self, cast, get_args
from urllib.parse import parse_qsl

import httptools

from contracts.api.gateway import Exchange, HeaderName
from gateway.registry.domain.conformance import Asked, Met, Stage

EXCHANGES: Final = 600
_BODY_LIMIT_BYTES: Final = 1024 * 1024
_KEPT: Final = frozenset(get_args(HeaderName))
_REASONS: Final = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 401: "Unauthorized", 404: "Not Found", 409: "Conflict"}


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Answering = Callable[[Request, Met], Awaitable[Reply]]


class Door:
    """Listens on loopback, or on `host` and `port`, while the block runs. `exchanges` is the transcript so far."""

    def __init__(self, stage: Stage, answering: Answering, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._stage = stage
        self._answering = answering
        self._address = (host, port)
        self.connections: set[_Connection] = set()
        self.exchanges: list[Exchange] = []
        self.news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), *self._address)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.cut()
        await asyncio.gather(*(each.task for each in self.connections if each.task), return_exceptions=True)

    @property
    def url(self) -> str:
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def meet(self, request: Request) -> Reply | None:
        """The answer, or None where the connection is to be cut."""
        at_ms = max(_now_ms(), self.exchanges[-1].at_ms if self.exchanges else 0)
        exchange = Exchange(
            at_ms=at_ms,
            answered_ms=at_ms,
            method=request.method,
            path=_visible(request.path, 500),
            query=_visible(request.query, 2000),
            headers={cast("HeaderName", name): _printable(value) for name, value in request.headers.items() if name in _KEPT},
            body_sha256=hashlib.sha256(request.body).hexdigest() if request.body else "",
            form=_form(request),
            play="answered",
            status=0,
        )
        met = self._stage.meet(Asked.by(exchange))
        # In its place at once: other requests may arrive while this one is answered.
        self.exchanges.append(exchange)
        reply = await self._answering(request, met)
        exchange.play, exchange.shown = met.play, list(met.shown)
        exchange.status = 0 if met.play == "lost" else reply.status
        exchange.answered_ms = max(at_ms, _now_ms())
        self.news.set()
        return None if met.play == "lost" else reply

    @property
    def is_full(self) -> bool:
        return len(self.exchanges) >= EXCHANGES


def _form(request: Request) -> dict[str, str]:
    """What is said to the token endpoint; other bodies are nobody's business."""
    said = parse_qsl(request.body.decode("latin-1"))[:16] if request.path == "/token" else []
    return {_visible(name, 64): _printable(value) for name, value in said if name}


def _visible(text: str, length: int) -> str:
    """As a transcript can hold it: a system that says something else signs something else, and that is what will be found."""
    return re.sub(r"[^!-~]", "?", text)[:length]


def _printable(text: str) -> str:
    return re.sub(r"[^ -~]", "?", text)[:4000]


def _now_ms() -> int:
    return int(time.time() * 1000)


class _Connection(asyncio.Protocol):
    """One connection, one request after another."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._headers, self._body = b"", dict[str, str](), b""
        self._waiting: asyncio.Queue[Request] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        if self.task is not None:
            self.task.cancel()

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._door.connections.add(self)
        self.task = asyncio.ensure_future(self._serve())

    def connection_lost(self, _exc: Exception | None) -> None:
        self._door.connections.discard(self)
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.cut()

    # httptools

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", {}, b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > _BODY_LIMIT_BYTES:
            self.cut()

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        self._waiting.put_nowait(Request(self._parser.get_method().decode(), path, query, self._headers, self._body))

    async def _serve(self) -> None:
        assert self._transport is not None
        while True:
            request = await self._waiting.get()
            reply = None if self._door.is_full else await self._door.meet(request)
            if reply is None:
                self._transport.abort()
                return
            self._transport.write(_bytes(reply))


def _bytes(reply: Reply) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Told')}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
    ]
    if reply.status != 204:
        lines.append(f"content-length: {len(reply.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
