"""A client that sends bytes as they are given and reads answers by the letter of RFC 9112."""

import asyncio
import contextlib
import re
from dataclasses import dataclass, field

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
SILENCE_S = 3.0


class Cut(Exception):
    """The connection ended where an answer had not."""


class Malformed(Exception):
    """What came is no answer."""


@dataclass(frozen=True)
class Said:
    """One answer. `framing` is length, chunked, close or none."""

    status: int
    headers: dict[str, str]
    body: bytes
    framing: str

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close" or self.framing == "close"


@dataclass
class Talk:
    """What a connection brought. `end` is open, closed, cut (in the midst of an answer), malformed or silent."""

    said: list[Said] = field(default_factory=list)
    interim: list[int] = field(default_factory=list)
    end: str = "silent"

    @property
    def statuses(self) -> list[int]:
        return [each.status for each in self.said]


@dataclass(frozen=True)
class Sending:
    """What is sent, piece by piece with `pause_s` between, and by which methods the answers are to be read (one each).

    `waits` sends the second piece only when something came back for the first. `marker` is asked on the same connection
    when all is answered and it is still open. `half_closes` ends the sending side after the last piece. The answer whose body
    has `until` in it is the last that is waited for.
    """

    pieces: tuple[bytes, ...]
    methods: tuple[str, ...] = ("GET",)
    pause_s: float = 0.0
    waits: bool = False
    marker: bytes = b""
    half_closes: bool = False
    until: bytes = b""


async def talk(port: int, sending: Sending) -> Talk:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    heard = Talk()
    may_go_on = asyncio.Event()
    giving = asyncio.create_task(_give(writer, sending, may_go_on))
    try:
        heard.end = await _listened(reader, writer, sending, heard, may_go_on)
    finally:
        giving.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await giving
        writer.close()
    return heard


async def _give(writer: asyncio.StreamWriter, sending: Sending, may_go_on: asyncio.Event) -> None:
    with contextlib.suppress(ConnectionError):
        for number, piece in enumerate(sending.pieces):
            if number and sending.waits:
                await may_go_on.wait()
            if number and sending.pause_s:
                await asyncio.sleep(sending.pause_s)
            writer.write(piece)
            await writer.drain()
        if sending.half_closes:
            writer.write_eof()


async def _listened(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sending: Sending, heard: Talk, may_go_on: asyncio.Event
) -> str:
    end = "open"
    try:
        async with asyncio.timeout(SILENCE_S):
            for method in sending.methods:
                heard.said.append(await _final(reader, method, heard, may_go_on))
                if heard.said[-1].closes:
                    return "malformed" if await reader.read() else "closed"
                if sending.until and sending.until in heard.said[-1].body:
                    return "open"
        if sending.marker:
            writer.write(sending.marker)
            async with asyncio.timeout(SILENCE_S):
                heard.said.append(await _final(reader, "GET", heard, may_go_on))
                end = "closed" if heard.said[-1].closes else "open"
    except (Cut, ConnectionError):
        end = "cut"
    except EOFError:
        end = "closed"
    except Malformed:
        end = "malformed"
    except TimeoutError:
        end = "silent"
    return end


async def _final(reader: asyncio.StreamReader, method: str, heard: Talk, may_go_on: asyncio.Event) -> Said:
    """Raises EOFError when no answer began."""
    while True:
        answer = await answered(reader, method)
        may_go_on.set()
        if answer.status >= 200:
            return answer
        heard.interim.append(answer.status)


async def answered(reader: asyncio.StreamReader, method: str) -> Said:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as ended:
        raise (Cut if ended.partial else EOFError) from None
    line, *lines = head[:-4].split(b"\r\n")
    status, headers = _STATUS.fullmatch(line), {}
    if status is None:
        raise Malformed(line)
    for each in lines:
        if (found := _FIELD.fullmatch(each)) is None:
            raise Malformed(each)
        name = found[1].decode().lower()
        if name in headers and name in {"content-length", "transfer-encoding", "connection", "date"}:
            raise Malformed(each)
        headers[name] = found[2].decode("latin-1")
    try:
        body, framing = await _body(reader, method, int(status[1]), headers)
    except asyncio.IncompleteReadError as ended:
        raise Cut from ended
    except ValueError as error:
        raise Malformed from error
    return Said(int(status[1]), headers, body, framing)


async def _body(reader: asyncio.StreamReader, method: str, status: int, headers: dict[str, str]) -> tuple[bytes, str]:
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if length is not None and coding is not None:
        raise ValueError("an answer framed in two ways")
    if status < 200 or status in {204, 304}:
        if coding is not None or (length is not None and status != 304):
            raise ValueError("a body announced where none may be")
        return b"", "none"
    if method == "HEAD":
        return b"", "none"
    if coding is not None:
        return await _chunks(reader, coding), "chunked"
    if length is not None:
        return await reader.readexactly(int(length)), "length"
    return await reader.read(), "close"


async def _chunks(reader: asyncio.StreamReader, coding: str) -> bytes:
    if coding != "chunked":
        raise ValueError(coding)
    whole = bytearray()
    while size := int((await reader.readuntil(b"\r\n"))[:-2], 16):
        whole += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise ValueError("a chunk of another size")
    if await reader.readexactly(2) != b"\r\n":
        raise ValueError("no end")
    return bytes(whole)
