"""A service that notes exactly what it is asked and answers with the bytes that it is told to."""

import asyncio
import contextlib
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.integration.gateway.door import public_key

_NAME = re.compile(rb"/(?:sign|n)/([a-z]\d{4})")


@dataclass(frozen=True)
class Heard:
    """One request as it came. `framing` is length, chunked or none; `number` counts those of its connection from 1."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    framing: str
    connection: int
    number: int


@dataclass(frozen=True)
class Script:
    """What is answered, in these pieces; nothing at all is said that echoes the target. `is_early` answers before the body
    was read. `closes` ends the connection after the answer, `ignores` never answers."""

    pieces: tuple[bytes, ...] = ()
    is_early: bool = False
    closes: bool = False
    ignores: bool = False


USUAL = Script()


@dataclass
class Recorder:
    """`heard` by the name in the target (a letter and four digits); what has none is under "". `broken` are bytes that are no
    request. With `closes_each` every so many answers of a connection are the last, without its having been announced."""

    scripts: dict[str, Script] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    broken: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    closes_each: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        number, connection = 0, self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            goes_on = True
            while goes_on:
                number += 1
                goes_on = await self._answered(reader, writer, connection, number)
        self.open -= 1
        writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int, number: int) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as ended:
            if ended.partial:
                self.broken.append(ended.partial)
            return False
        line, *lines = head[:-4].split(b"\r\n")
        parts = line.split(b" ")
        fields = tuple((name.lower(), value.strip()) for name, _, value in (each.partition(b":") for each in lines))
        if len(parts) != 3 or parts[2] not in {b"HTTP/1.1", b"HTTP/1.0"}:
            self.broken.append(head)
            return False
        method, target = parts[0].decode(), parts[1].decode("latin-1")
        if target == "/jwks":
            said = json.dumps({"keys": [public_key()]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said))
            return True
        found = _NAME.match(parts[1])
        name = found[1].decode() if found else ""
        script = USUAL if "marker" in target else self.scripts.get(name, USUAL)
        if script.is_early:
            await self._say(writer, script, target, method)
        body, framing = await _body(reader, fields)
        self.heard[name].append(Heard(method, target, fields, body, framing, connection, number))
        if script.ignores:
            await reader.read()
            return False
        if not script.is_early:
            await self._say(writer, script, target, method)
        return not (script.closes or (self.closes_each and number % self.closes_each == 0))

    async def _say(self, writer: asyncio.StreamWriter, script: Script, target: str, method: str) -> None:
        said = target.encode("latin-1")
        usual = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(said), b"" if method == "HEAD" else said)
        for piece in script.pieces or (usual,):
            writer.write(piece)
            await writer.drain()
            if len(script.pieces) > 1:
                # So that the pieces are pieces on the wire.
                await asyncio.sleep(0.002)


async def _body(reader: asyncio.StreamReader, fields: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, str]:
    """Raises ValueError for what is framed in two ways or in a way that only some would read."""
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1 or (codings and codings != [b"chunked"]):
        msg = f"ambiguous framing was passed on: {lengths} {codings}"
        raise ValueError(msg)
    if lengths:
        return await reader.readexactly(int(lengths[0])), "length"
    if not codings:
        return b"", "none"
    whole = bytearray()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        whole += (await reader.readexactly(size + 2))[:-2]
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(whole), "chunked"


@asynccontextmanager
async def recording() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    speaking: set[asyncio.Task[None]] = set()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        speaking.add(task)
        try:
            await recorder.speak(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        except (ValueError, asyncio.LimitOverrunError) as error:
            recorder.broken.append(repr(error).encode())
            writer.transport.abort()
        finally:
            speaking.discard(task)

    server = await asyncio.start_server(speak, "127.0.0.1", 0, limit=2**20, backlog=1024)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        for task in list(speaking):
            task.cancel()
