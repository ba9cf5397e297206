"""One service behind the gateway, over a small pool of kept connections.

A general HTTP client costs many times the rest of the request path. A connection whose request was cancelled or failed
is closed, never reused.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chassis.errors import BodyTooLarge
from contracts.headers import DEADLINE
from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.proxy.answer import Answer, Broken, Pieces
from gateway.proxy.breaker import Breaker
from gateway.proxy.connection import Connection
from gateway.proxy.places import Attendance, HeldByReaders, Places
from gateway.turns import as_task

_IDLE_S: Final = 30.0
_CONNECT_S: Final = 2.0
_DEADLINE: Final = DEADLINE.encode()
_SAFE_TO_REPEAT: Final = frozenset({"GET", "HEAD"})


class Upstream:
    """At most `connections` requests at a time; each has `deadline_s`, its wait for a connection included."""

    def __init__(self, url: str, *, connections: int, deadline_s: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._host_line = f"host: {self._host}:{self._port}".encode()
        self._idle: deque[Connection] = deque()
        self._places = Places(connections)
        self._deadline_s = deadline_s
        self._breaker = Breaker()

    async def ask(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        *,
        rest: Pieces | None = None,
        length: int | None = None,
        lines: bytes = b"",
        attendance: Attendance | None = None,
    ) -> Answer | Deny:
        """The service's answer, or why there is none. Only what is safe to repeat is repeated.

        `body` is all there is to send, or the beginning of `length` bytes (None: nobody knows how many) when there is a `rest`.
        `lines` are further headers as they are to be written. `attendance` is where the caller is counted.
        """
        now = time.monotonic()
        if not self._breaker.may_pass(now):
            return Deny(problems.UPSTREAM_SHED, "breaker", headers=(("retry-after", "2"),))
        request = _Request(method, target, headers, lines, body, rest, len(body) if rest is None else length)
        until, answer = now + self._deadline_s, None
        try:
            if not self._places.free:
                await as_task()
                await self._places.wait(until - time.monotonic(), attendance)
            self._places.take()
            try:
                connection = self._kept(now)
                if connection is not None and rest is None:
                    answer = await self._exchange(request, connection, until)
                else:
                    answer = await self._sent_afresh(request, connection, until)
            finally:
                if answer is None or answer.rest is None:
                    self._places.release()
        except HeldByReaders:
            self._breaker.abandoned()
            return Deny(problems.UPSTREAM_LATE, "deadline")
        except TimeoutError:
            self._breaker.failed(time.monotonic())
            return Deny(problems.UPSTREAM_LATE, "deadline")
        except (Broken, OSError):
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

    async def _exchange(self, request: "_Request", connection: Connection, until: float) -> Answer:
        """On a connection that was kept: the service may just have closed it."""
        left_s = until - time.monotonic()
        try:
            try:
                await connection.send_request(request.method, request.as_bytes(self._host_line, left_s), left_s)
            finally:
                connection.rested()
            answer = connection.answered()
        except Broken as broken:
            connection.close()
            if not broken.is_clean or request.method not in _SAFE_TO_REPEAT:
                raise
            # Whatever ended this one has ended those that idled beside it.
            self.close()
            return await self._sent_afresh(request, None, until)
        except BaseException:
            connection.close()
            raise
        if connection.is_whole:
            self._keep(connection, None)
        else:
            self._places.begins_to_flow()
            answer.rest = _Flow(self, connection, None)
        return answer

    async def _sent_afresh(self, request: "_Request", connection: Connection | None, until: float) -> Answer:
        """Never repeated: on a new connection, or when the body is still coming."""
        await as_task()
        connection = connection or await self._connected(until)
        sending: asyncio.Task[None] | None = None
        left_s = until - time.monotonic()
        try:
            if request.rest is not None:
                sending = asyncio.create_task(_send(connection, request.rest, is_chunked=request.length is None))
            answer = await connection.ask(request.method, request.as_bytes(self._host_line, left_s), left_s)
        except BaseException:
            _end(connection, sending)
            raise
        if connection.is_whole:
            self._keep(connection, sending)
        else:
            self._places.begins_to_flow()
            answer.rest = _Flow(self, connection, sending)
        return answer

    def _kept(self, now: float) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since > now - _IDLE_S and connection.is_usable:
                return connection
            connection.close()
        return None

    async def _connected(self, until: float) -> Connection:
        try:
            async with asyncio.timeout(min(_CONNECT_S, until - time.monotonic())):
                _, connection = await asyncio.get_running_loop().create_connection(Connection, self._host, self._port)
        except TimeoutError:
            raise Broken(is_clean=True) from None
        return connection

    def broke(self) -> None:
        """An answer ended in its midst."""
        self._breaker.failed(time.monotonic())

    def left(self, connection: Connection, sending: "asyncio.Task[None] | None") -> None:
        """Whoever read an answer in pieces reads no more of it."""
        self._keep(connection, sending)
        self._places.flowed()

    def _keep(self, connection: Connection, sending: "asyncio.Task[None] | None") -> None:
        """Until the next request, if the service has heard all of this one and said all there was."""
        if connection.is_whole and connection.is_reusable and (sending is None or sending.done()):
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            _end(connection, sending)


@dataclass(slots=True)
class _Request:
    """`length` is None when the body comes in chunks."""

    method: str
    target: str
    headers: Iterable[tuple[bytes, bytes]]
    lines: bytes
    body: bytes
    rest: Pieces | None
    length: int | None

    def as_bytes(self, host_line: bytes, left_s: float) -> bytes:
        """The head of the request and what there is of its body."""
        lines = [f"{self.method} {self.target} HTTP/1.1".encode("ascii"), host_line, b"%b: %d" % (_DEADLINE, left_s * 1000)]
        if self.lines:
            lines.append(self.lines)
        lines += map(b": ".join, self.headers)
        if self.length is None:
            lines += (b"transfer-encoding: chunked", b"", _chunk(self.body) if self.body else b"")
        elif self.length or self.method not in _SAFE_TO_REPEAT:
            lines += (b"content-length: %d" % self.length, b"", self.body)
        else:
            lines += (b"", b"")
        return b"\r\n".join(lines)


class _Flow:
    """The rest of an answer, and what it holds until it has been read."""

    def __init__(self, upstream: Upstream, connection: Connection, sending: "asyncio.Task[None] | None") -> None:
        self._upstream = upstream
        self._connection = connection
        self._sending = sending

    async def next(self) -> bytes:
        try:
            return await self._connection.next()
        except (Broken, TimeoutError):
            self._upstream.broke()
            raise

    def close(self) -> None:
        self._upstream.left(self._connection, self._sending)


async def _send(connection: Connection, rest: Pieces, *, is_chunked: bool) -> None:
    """The rest of a request, as quickly as the service takes it."""
    try:
        while piece := await rest.next():
            await connection.send(_chunk(piece) if is_chunked else piece)
        if is_chunked:
            await connection.send(b"0\r\n\r\n")
    except (BodyTooLarge, TimeoutError) as reason:
        asyncio.get_running_loop().call_soon(connection.fail, reason)
    else:
        connection.sent()


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _end(connection: Connection, sending: "asyncio.Task[None] | None") -> None:
    if sending is not None:
        sending.cancel()
    connection.close()
