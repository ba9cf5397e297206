"""One request and the way back to who sent it."""

import http
from typing import Final, Protocol

from contracts.problems import ProblemType
from gateway.door.body import Body
from gateway.snapshot import Headers
from gateway.walk import Incoming

_WITHOUT_BODY: Final = frozenset({204, 304})
STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in http.HTTPStatus}


class Connection(Protocol):
    """Where an exchange's answer is written; `date` is a whole header line, empty when there is none yet."""

    @property
    def date(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    async def drained(self) -> None:
        """Returns when the reader has taken most of what was written."""

    def abort(self) -> None: ...


class Cut(Protocol):
    @property
    def problem(self) -> ProblemType: ...

    @property
    def rule(self) -> str: ...


class Exchange:
    """What came, and the answer to it: either `answer`, or `begin`, `write` and `end`.

    `keep_alive` says whether another request may follow on the connection, `cut` why the door ended this one in its midst.
    `waited_s` is how long it has waited for callers that read slowly.
    """

    __slots__ = (
        "_connection",
        "_is_chunked",
        "_is_silent",
        "body",
        "cut",
        "has_begun",
        "incoming",
        "is_modern",
        "is_over",
        "keep_alive",
        "waited_s",
    )

    def __init__(self, incoming: Incoming, body: Body, connection: Connection, *, keep_alive: bool = True, is_modern: bool = True) -> None:
        self.incoming = incoming
        self.body = body
        self.keep_alive = keep_alive
        self.cut: Cut | None = None
        self.is_modern = is_modern
        self.has_begun = False
        self.is_over = False
        self.waited_s = 0.0
        self._connection = connection
        self._is_chunked = False
        self._is_silent = False

    def answer(self, status: int, headers: Headers, body: bytes, lines: bytes = b"") -> None:
        """The whole answer at once. `lines` are headers that stand as they are to be written."""
        self.has_begun = self.is_over = True
        if status in _WITHOUT_BODY:
            self._connection.write(self._head(status, headers, lines))
        elif self.incoming.method == "HEAD":
            self._connection.write(self._head(status, headers, lines, b"content-length: %d" % len(body)))
        else:
            self._connection.write(self._head(status, headers, lines, b"content-length: %d" % len(body)) + body)

    def begin(self, status: int, headers: Headers, length: int | None, lines: bytes = b"") -> None:
        """An answer of `length` bytes follows, None when nobody knows how many."""
        self.has_begun = True
        self._is_silent = self.incoming.method == "HEAD" or status in _WITHOUT_BODY
        if length is not None:
            framing = b"content-length: %d" % length
        elif self.is_modern:
            framing = b"transfer-encoding: chunked"
            self._is_chunked = not self._is_silent
        else:
            # Only the end of the connection can tell the end of the answer.
            self.keep_alive, framing = False, b""
        self._connection.write(self._head(status, headers, lines, b"" if status in _WITHOUT_BODY else framing))

    async def write(self, chunk: bytes) -> None:
        """Returns when the next piece is welcome."""
        if chunk and not self._is_silent:
            self._connection.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._is_chunked else chunk)
            await self._connection.drained()

    def end(self) -> None:
        self.is_over = True
        if self._is_chunked:
            self._connection.write(b"0\r\n\r\n")

    def abort(self) -> None:
        """The rest of the answer will not come, and the reader must notice."""
        self.is_over = True
        self._connection.abort()

    def _head(self, status: int, headers: Headers, ready: bytes, framing: bytes = b"") -> bytes:
        if not self.body.is_complete:
            # What is left of the request would be taken for the next one.
            self.keep_alive = False
        lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status]
        if date := self._connection.date:
            lines.append(date)
        if ready:
            lines.append(ready)
        lines += map(b": ".join, headers)
        if framing:
            lines.append(framing)
        if not self.keep_alive:
            lines.append(b"connection: close")
        lines.append(b"\r\n")
        return b"\r\n".join(lines)
