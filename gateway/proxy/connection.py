"""One connection to a service, one request at a time. Source: RFC 9112."""

import asyncio
from typing import Final, cast

import httptools

from gateway.deadline import Deadline
from gateway.proxy.answer import Answer, Broken
from gateway.turns import Turn

_HEAD_BYTES: Final = 64 * 1024
_SMALL_BYTES: Final = 64 * 1024
"""An answer that says that it is no larger is waited for, and is then known to be whole."""
_HELD_BYTES: Final = 128 * 1024
_DIGITS: Final = frozenset(b"0123456789")
_WITHOUT_BODY: Final = frozenset({204, 304})
_END: Final = b"\r\n\r\n"
_EVENTS: Final = b"text/event-stream"
_KNOWN: Final[dict[bytes, Answer]] = {}
"""Heads of answers by their bytes as the parser has accepted them: a service repeats itself until its clock moves on."""
_KNOWN_SIZE: Final = 1024


class Connection(asyncio.Protocol):
    """`is_whole` when the answer to the newest request is; `is_reusable` while nothing has come that was not asked for.

    `is_stream` while the answer is one of events, which may last: then the time is for each piece and not for the whole.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._deadline = Deadline(self._loop, self._late)
        self._parser = httptools.HttpResponseParser(self)
        self._turn: Turn | None = None
        self._writable: Turn | None = None
        self._answer: Answer | None = None
        self._failure: Exception | None = None
        self._chunks: list[bytes] = []
        self._held = 0
        self._head_bytes = self._header_bytes = 0
        self._method = ""
        self._left_s = self._within_s = 0.0
        self.is_stream = False
        self._since = 0.0
        self._is_sending = False
        self._lengths: list[bytes] = []
        self._is_chunked = False
        self._has_head = False
        self._is_interim = False
        self.is_whole = True
        self._is_paused = False
        self.idle_since = 0.0
        self.is_reusable = True

    # The gateway's side

    async def ask(self, method: str, data: bytes, within_s: float) -> Answer:
        """The answer, whole when it is small. Raises Broken, TimeoutError."""
        try:
            await self.send_request(method, data, within_s)
        finally:
            self.rested()
        return self.answered()

    def send_request(self, method: str, data: bytes, within_s: float) -> Turn:
        """What to wait for before `answered`; then, whatever came of it, `rested`. The three are `ask`, without a coroutine."""
        self._method, self._left_s, self._within_s = method, within_s, within_s
        self.is_stream = False
        self._answer, self._failure = Answer(), None
        self._has_head = self.is_whole = self._is_sending = False
        self._head_bytes = 0
        self._transport.write(data)
        self._turn = turn = Turn()
        self._since = now = self._loop.time()
        self._deadline.within(within_s, now)
        return turn

    def answered(self) -> Answer:
        """Raises Broken, TimeoutError."""
        if self._failure is not None and not self.is_whole:
            raise self._failure
        answer = self._answer
        assert answer is not None
        answer.body = self._take()
        return answer

    @property
    def is_usable(self) -> bool:
        return self.is_reusable and not self._transport.is_closing()

    async def next(self) -> bytes:
        """The next piece of the answer. Raises Broken, TimeoutError."""
        while not self._chunks:
            if self.is_whole:
                return b""
            if self._failure is not None:
                raise self._failure
            await self._more()
        return self._take()

    async def send(self, data: bytes) -> None:
        """More of the request: returns when the service has taken most of it. Raises TimeoutError."""
        self._is_sending = True
        if not self._transport.is_closing():
            self._transport.write(data)
        if self._writable is not None:
            async with asyncio.timeout(self._left_s):
                await self._writable

    def sent(self) -> None:
        """That was the request. While it was coming the service was not the one who was waited for."""
        self._is_sending = False
        self._since = self._loop.time()
        if self._turn is not None:
            self._deadline.within(self._left_s)

    def fail(self, failure: Exception) -> None:
        """Whoever waits for an answer gets this instead."""
        self.is_reusable = False
        if self._failure is None:
            self._failure = failure
        self._wake()

    def close(self) -> None:
        self.is_reusable = False
        self._deadline.close()
        self._transport.abort()

    async def _more(self) -> None:
        """Only what the service is waited for counts against its time, not what a slow reader takes."""
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        if self.is_stream:
            self._left_s = self._within_s
        self._turn = turn = Turn()
        self._since = self._loop.time()
        self._deadline.within(self._left_s)
        try:
            await turn
        finally:
            self.rested()

    def rested(self) -> None:
        # The deadline is left to ring: it is moved by the next request, and ignored when nobody waits.
        self._turn = None
        if not self._is_sending:
            self._left_s -= self._loop.time() - self._since

    def _take(self) -> bytes:
        chunks = self._chunks
        if not chunks:
            return b""
        taken = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self._held = 0
        return taken

    def _wake(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            turn.give()

    def _late(self) -> None:
        if self._turn is None:
            return
        if self._is_sending:
            self._deadline.within(self._left_s)
        else:
            self.fail(TimeoutError())

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        is_first = not self._head_bytes and not self.is_whole
        if is_first and self._is_known(data):
            self._wake()
            return
        if not self._has_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._break()
            return
        if self.is_whole:
            if is_first:
                self._remember(data)
            self._wake()
        elif not self._has_head:
            if self._head_bytes > _HEAD_BYTES:
                self._break()
        elif self._answer is not None and (self._answer.length is None or self._answer.length > _SMALL_BYTES):
            self._wake()
            if self._held > _HELD_BYTES and not self._is_paused:
                self._is_paused = True
                self._transport.pause_reading()

    def _is_known(self, data: bytes) -> bool:
        """An answer that came whole under a head that is known needs no parser."""
        head, end, body = data.partition(_END)
        known = _KNOWN.get(head)
        if known is None or not end or len(body) != known.length or self._method == "HEAD":
            return False
        answer = self._answer
        assert answer is not None
        answer.status, answer.headers, answer.length = known.status, known.headers, known.length
        answer.leaving, answer.known = known.leaving, known
        self._chunks.append(body)
        self._has_head = self.is_whole = True
        return True

    def _remember(self, data: bytes) -> None:
        answer = self._answer
        assert answer is not None
        head, _, body = data.partition(_END)
        if self.is_reusable and answer.length == len(body) and answer.status == 200:
            if len(_KNOWN) >= _KNOWN_SIZE:
                _KNOWN.clear()
            _KNOWN[head] = answer.known = Answer(answer.status, answer.headers, b"", answer.length)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_reusable = False
        self._deadline.close()
        self.resume_writing()
        if exc is None and self._has_head and not self.is_whole and not self._is_chunked and self._answer and self._answer.length is None:
            # Without a length the end of the connection is the end of the answer.
            self.is_whole = True
            self._wake()
        elif not self.is_whole:
            self.fail(Broken(is_clean=not self._head_bytes))

    def pause_writing(self) -> None:
        self._writable = Turn()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.give()

    def _break(self) -> None:
        """What the service said is no answer, or not the one to this request."""
        self.is_reusable = False
        if self.is_whole:
            self._wake()
        else:
            self.fail(Broken())
        self._transport.abort()

    # httptools

    def on_message_begin(self) -> None:
        if self.is_whole:
            # Nobody asked: what comes now would be taken for the answer to the next request.
            raise httptools.HttpParserError("an answer to no request")
        self._lengths = []
        self._header_bytes = 0
        self._is_chunked = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._has_head:
            # A trailer came too late to be passed on.
            return
        answer = self._answer
        assert answer is not None
        name = name.lower()
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > _HEAD_BYTES:
            raise httptools.HttpParserError("too large headers")
        if name == b"content-length":
            self._lengths.append(value)
        elif name == b"transfer-encoding":
            self._is_chunked = True
        elif name == b"content-type" and value.lower().startswith(_EVENTS):
            self.is_stream = True
        answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        answer = self._answer
        assert answer is not None
        status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                raise httptools.HttpParserError("a change of protocol that nobody asked for")
            self._is_interim = True
            answer.headers = []
            return
        if len(self._lengths) > 1 or (self._lengths and (self._is_chunked or not _DIGITS.issuperset(self._lengths[0]))):
            raise httptools.HttpParserError("two readers would read this differently")
        answer.status = status
        answer.length = int(self._lengths[0]) if self._lengths else None
        self._has_head = True
        if self._method == "HEAD" or status in _WITHOUT_BODY:
            self.is_whole = True
            if self._method == "HEAD":
                # The parser goes on to wait for a body that will not come.
                self.is_reusable = False

    def on_body(self, body: bytes) -> None:
        if self.is_whole:
            raise httptools.HttpParserError("a body where none may be")
        self._chunks.append(body)
        self._held += len(body)

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._is_interim = False
            return
        self.is_whole = True
        self.is_reusable = self.is_reusable and self._parser.should_keep_alive()
