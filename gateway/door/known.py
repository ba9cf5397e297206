"""Plain requests whose header fields were read before need no parser: a block of fields is known by its bytes."""

import re
from typing import Final

from gateway.door.body import NO_BODY
from gateway.door.exchange import Connection, Exchange
from gateway.fields import Fields
from gateway.walk import Incoming

_PLAIN: Final = re.compile(rb"GET (/[!-\"$-~]*) HTTP/1\.1")
_CHANGING: Final = frozenset({"connection", "content-length", "expect", "transfer-encoding", "upgrade"})
_SIZE: Final = 8192
_END: Final = b"\r\n\r\n"
_blocks: Final[dict[bytes, Fields]] = {}
"""Those that change nothing about the connection, as the parser has accepted them."""


def recognised(data: bytes, client: str, connection: Connection) -> Exchange | None:
    """The one request that `data` is, when all but its first line is known."""
    line, _, block = data.partition(b"\r\n")
    if (fields := _blocks.get(block)) is None or (plain := _PLAIN.fullmatch(line)) is None:
        return None
    path, _, query = str(plain[1], "ascii").partition("?")
    return Exchange(Incoming("GET", path, query, fields, b"", client), NO_BODY, connection)


def remember(data: bytes, exchange: Exchange) -> None:
    """`data` was this request and nothing else, if it ends where its fields do."""
    line, _, block = data.partition(b"\r\n")
    fields = exchange.incoming.fields
    if block.find(_END) == len(block) - len(_END) and _PLAIN.fullmatch(line) and _CHANGING.isdisjoint(fields.by_name):
        if len(_blocks) >= _SIZE:
            _blocks.clear()
        fields.is_known = True
        _blocks[block] = fields
