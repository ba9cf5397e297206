"""The door's own HTTP protocol: whoever is slow, silent or says too much is cut off before any room is entered.

The server itself has no deadline that covers a request while it arrives and no bound on its headers.
"""

import asyncio
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEADER_DEADLINE_S: Final = 10.0
_BODY_DEADLINE_S: Final = 20.0
_HEADERS: Final = 64
_HEADER_BYTES: Final = 32 * 1024
_REASONS: Final = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class EdgeProtocol(HttpToolsProtocol):
    """Times and counts what arrives; `header_deadline_s` and `body_deadline_s` may be shortened by a subclass."""

    header_deadline_s = _HEADER_DEADLINE_S
    body_deadline_s = _BODY_DEADLINE_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._arrived_bytes = 0
        self._header_bytes = 0
        self._in_headers = True
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self._expect(self.header_deadline_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_headers:
            self._arrived_bytes += len(data)
        if self._timer is None and self._is_answered():
            # Also for what the parser skips before a request: it ends the server's own wait for the next one.
            self._expect(self.header_deadline_s)
        super().data_received(data)
        if self._in_headers and self._arrived_bytes > _HEADER_BYTES:
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self._header_bytes = 0
        self._expect(self.header_deadline_s)

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_headers:
            # A trailer: too late to be judged, so it does not count as a header.
            return
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > _HEADERS:
            self._refuse(431)
            raise httptools.HttpParserError("too many headers")

    def on_headers_complete(self) -> None:
        if sum(name == b"host" for name, _ in self.headers) != 1:
            self._refuse(400)
            raise httptools.HttpParserError("exactly one host header is needed")
        super().on_headers_complete()
        self._in_headers = False
        self._expect(self.body_deadline_s)

    def on_message_complete(self) -> None:
        self._in_headers = True
        self._arrived_bytes = 0
        self._expect(None)
        super().on_message_complete()

    def send_400_response(self, _msg: str) -> None:
        self._refuse(400)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > _HEADER_BYTES:
            self._refuse(431)
            raise httptools.HttpParserError("too large headers")

    def _expect(self, within_s: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if within_s is not None:
            self._timer = self.loop.call_later(within_s, self._refuse, 408)

    def _is_answered(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _refuse(self, status: int) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        # With a request before this one unanswered, or this one's answer begun, a status would be taken for another's.
        is_mistakable = not self._is_answered() if self._in_headers else bool(self.pipeline) or self.cycle.response_started
        if not is_mistakable:
            self.transport.write(b"HTTP/1.1 %d %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % (status, _REASONS[status]))
        self.transport.close()
