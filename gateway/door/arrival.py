"""How a request arrives: its deadlines, the bounds on its headers, and what of it is ambiguous.

A server's usual protocol has no deadline that covers a request while it arrives and no bound on its headers. Source: RFC 9112.
"""

import abc
import asyncio
from collections import deque
from typing import Final, NoReturn, cast

import httptools

from gateway.deadline import Deadline
from gateway.door import known, refusals
from gateway.door.body import HELD_BYTES, NO_BODY, Body
from gateway.door.exchange import Exchange
from gateway.fields import Fields
from gateway.walk import Incoming

_HEADERS: Final = 64
_HEADER_BYTES: Final = 32 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_DIGITS: Final = frozenset(b"0123456789")


class Arrival(asyncio.Protocol, abc.ABC):
    """The side of a connection on which requests come. What is read is queued, and `_start` is told.

    A body may take `body_deadline_s` and then as long as it comes with `body_rate` bytes a second. A subclass may shorten them.
    """

    header_deadline_s = 10.0
    body_deadline_s = 20.0
    body_rate = 32 * 1024

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._client = ""
        self._parser = httptools.HttpRequestParser(self)
        # What follows a last request is nobody's: it must not turn the answer to that one into a refusal.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._arriving = Deadline(loop, self._late)
        self._queue: deque[Exchange] = deque()
        self._active: Exchange | None = None
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._length: int | None = 0
        self._body: Body | None = None
        self._head_bytes = 0
        self._arrived_bytes = 0
        self._is_timed = True
        self._is_between = True
        self._is_idle = False
        self._expects_continue = False
        self._body_until = 0.0
        self._is_last = False
        self._is_refused = False
        self._is_paused = False

    @abc.abstractmethod
    def write(self, data: bytes) -> None: ...

    @property
    @abc.abstractmethod
    def date(self) -> bytes: ...

    @abc.abstractmethod
    async def drained(self) -> None: ...

    @abc.abstractmethod
    def abort(self) -> None: ...

    @abc.abstractmethod
    def _start(self) -> None:
        """Something is in the queue."""

    @abc.abstractmethod
    def _refuse(self, refusal: refusals.Refusal) -> None:
        """Nothing more is read."""

    @abc.abstractmethod
    def _close(self) -> None: ...

    # What arrives

    def data_received(self, data: bytes) -> None:
        if self._is_refused or (self._is_last and self._body is None):
            return
        was_between = self._is_between
        if was_between and self._active is None and (plain := known.recognised(data, self._client, self)) is not None:
            # The deadline of the idle connection is left to ring: it is ignored while there is somebody to answer.
            self._is_idle = self._is_timed = False
            self._queue.append(plain)
            self._start()
            return
        self._is_between = self._is_idle = False
        if not self._is_parsed(data):
            return
        if was_between and self._is_between and len(self._queue) == 1:
            known.remember(data, self._queue[0])
        if self._queue:
            self._start()
        if self._body is not None:
            self._await_body()
        elif not self._is_between:
            self._await_head()

    def _is_parsed(self, data: bytes) -> bool:
        body = self._body
        if body is None:
            self._arrived_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(refusals.AMBIGUOUS)
            self._start()
            return False
        except httptools.HttpParserUpgrade:
            # Refused when its headers were complete.
            return False
        if body is not None:
            body.wake()
        return True

    def _await_head(self) -> None:
        if self._arrived_bytes > _HEADER_BYTES:
            self._refuse(refusals.TOO_LARGE)
        elif not self._is_timed:
            # Also for what the parser skips before a request.
            self._arriving.within(self.header_deadline_s)
            self._is_timed = True

    def _await_body(self) -> None:
        body = self._body
        assert body is not None
        if body.held > HELD_BYTES and not self._is_paused and not body.is_awaited:
            self._is_paused = True
            self._transport.pause_reading()
            self._arriving.off()
        elif not self._is_timed:
            self._is_timed = True
            self._body_until = self._loop.time() + self.body_deadline_s
            self._arriving.within(self.body_deadline_s)

    def _late(self) -> None:
        if self._body is not None:
            earned_s = self._body.size / self.body_rate
            if (left := self._body_until + earned_s - self._loop.time()) > 0:
                self._arriving.within(left)
                return
        elif self._is_idle:
            self._close()
            return
        elif self._is_between and self._active is not None:
            return
        self._refuse(refusals.LATE)

    def _go_on(self) -> None:
        """Somebody waits for more of the body."""
        if (body := self._body) is not None and body.awaits_leave:
            body.awaits_leave = False
            self.write(_CONTINUE)
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
            self._is_timed = False
            self._await_body()

    # What the parser finds

    def on_message_begin(self) -> None:
        self._url, self._headers, self._length = b"", [], 0
        self._head_bytes = 0
        self._is_between = self._expects_continue = False

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._body is not None:
            # A trailer: too late to be judged, so it does not count as a header.
            return
        name = name.lower()
        self._headers.append((name, value))
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _HEADER_BYTES or len(self._headers) > _HEADERS:
            self._reject(refusals.TOO_LARGE)
        if name == b"content-length":
            if not _DIGITS.issuperset(value):
                self._reject(refusals.AMBIGUOUS)
            self._length = int(value)
        elif name == b"transfer-encoding":
            self._length = None
        elif name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True

    def on_headers_complete(self) -> None:
        parser = self._parser
        if self._is_last:
            return
        if parser.should_upgrade():
            self._reject(refusals.NO_UPGRADE)
        incoming = Incoming.arrived(parser.get_method(), self._url, Fields.arrived(self._headers), self._length or 0, self._client)
        if incoming is None:
            self._reject(refusals.AMBIGUOUS)
        body = self._body = Body(self._length, self._go_on, awaits_leave=self._expects_continue) if self._length != 0 else NO_BODY
        is_modern = parser.get_http_version() != "1.0"
        keep_alive = is_modern and parser.should_keep_alive()
        self._is_last = not keep_alive
        self._is_timed = False
        self._queue.append(Exchange(incoming, body, self, keep_alive=keep_alive, is_modern=is_modern))
        if self._active is not None and not self._is_paused:
            # Who sends the next request before this one is answered waits with the one after.
            self._is_paused = True
            self._transport.pause_reading()

    def on_body(self, body: bytes) -> None:
        if self._body is not None:
            self._body.awaits_leave = False
            self._body.feed(body)

    def on_message_complete(self) -> None:
        if self._body is not None:
            self._body.finish()
            self._body = None
        self._arrived_bytes = 0
        self._is_timed = False
        self._is_between = True
        self._arriving.off()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > _HEADER_BYTES:
            self._reject(refusals.TOO_LARGE)

    def _reject(self, refusal: refusals.Refusal) -> NoReturn:
        """Refuse in the midst of parsing."""
        self._refuse(refusal)
        raise httptools.HttpParserError(refusal.rule)
