"""Connections to one service: a small pool of keep-alive HTTP/1.1 connections on httptools.

A general HTTP client costs many times the rest of the request path. A connection whose request was cancelled or failed
is closed, never reused.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.proxy.breaker import Breaker

_IDLE_S: Final = 30.0
_CONNECT_S: Final = 2.0
_ANSWER_LIMIT_BYTES: Final = 8 * 1024 * 1024
_SAFE_TO_REPEAT: Final = frozenset({"GET", "HEAD"})


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class _Broken(Exception):
    """The connection ended before the answer did; `is_clean` when not one byte of it had come."""

    def __init__(self, *, is_clean: bool) -> None:
        super().__init__("the connection to the service broke")
        self.is_clean = is_clean


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._answer = Answer()
        self._chunks: list[bytes] = []
        self._size = 0
        self.idle_since = 0.0
        self.is_reusable = True

    async def send(self, data: bytes) -> Answer:
        assert self._transport is not None
        self._parser = httptools.HttpResponseParser(self)
        self._answer, self._chunks, self._size = Answer(), [], 0
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._waiting

    def close(self) -> None:
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_reusable = False
        self._fail()

    # httptools

    def on_message_begin(self) -> None:
        if self._waiting is None or self._waiting.done():
            # Nobody asked: what comes now would be taken for the answer to the next request.
            self.close()
            raise httptools.HttpParserError("an answer to no request")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > _ANSWER_LIMIT_BYTES:
            self._fail()
            self.close()
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()
        if self._answer.status < 200:
            self._answer = Answer()
            return
        self._answer.body = b"".join(self._chunks)
        self.is_reusable = self.is_reusable and self._parser.should_keep_alive()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)

    def _fail(self) -> None:
        self.is_reusable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(_Broken(is_clean=not self._answer.headers))


class Upstream:
    """One service behind the gateway."""

    def __init__(self, url: str, *, connections: int, deadline_s: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._authority = f"{self._host}:{self._port}".encode()
        self._idle: deque[_Connection] = deque()
        self._slots = asyncio.Semaphore(connections)
        self._deadline_s = deadline_s
        self._breaker = Breaker()

    async def ask(self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Answer | Deny:
        """The service's answer, or why there is none. Only what is safe to repeat is repeated."""
        request = self._request(method, target, headers, body)
        if not self._breaker.may_pass(time.monotonic()):
            return Deny(problems.UPSTREAM_SHED, "breaker", headers=(("retry-after", "2"),))
        try:
            async with asyncio.timeout(self._deadline_s), self._slots:
                answer = await self._exchange(request, may_repeat=method in _SAFE_TO_REPEAT)
        except TimeoutError:
            self._breaker.failed(time.monotonic())
            return Deny(problems.UPSTREAM_LATE, "deadline")
        except (_Broken, OSError):
            self._breaker.failed(time.monotonic())
            return Deny(problems.UPSTREAM_AWAY, "connection")
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return answer

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _exchange(self, request: bytes, *, may_repeat: bool) -> Answer:
        connection, is_fresh = await self._connection()
        try:
            answer = await connection.send(request)
        except _Broken as broken:
            connection.close()
            if is_fresh or not broken.is_clean or not may_repeat:
                raise
            self.close()
            return await self._exchange(request, may_repeat=False)
        except BaseException:
            connection.close()
            raise
        if connection.is_reusable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    async def _connection(self) -> tuple[_Connection, bool]:
        oldest = time.monotonic() - _IDLE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and connection.idle_since > oldest:
                return connection, False
            connection.close()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, connection = await loop.create_connection(_Connection, self._host, self._port)
        except TimeoutError:
            raise _Broken(is_clean=True) from None
        return connection, True

    def _request(self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bytes:
        lines = [f"{method} {target} HTTP/1.1\r\nhost: ".encode("ascii"), self._authority, b"\r\n"]
        for name, value in headers:
            lines += (name, b": ", value, b"\r\n")
        if body or method not in _SAFE_TO_REPEAT:
            lines.append(b"content-length: %d\r\n" % len(body))
        lines += (b"\r\n", body)
        return b"".join(lines)
