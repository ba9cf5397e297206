"""A party's own system that is told of moves: a real HTTP server on loopback that checks what it is sent and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from chassis.http.signatures import Message, parse

Answering = Callable[["Told"], int]


@dataclass(frozen=True, slots=True)
class Told:
    """One request. `at` is the loop's time in seconds."""

    at: float
    head: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def move(self) -> tuple[str, int]:
        return self.said["number"], self.said["revision"]

    @property
    def message(self) -> Message:
        method, path, _ = self.head.split(" ")
        return Message(method, self.headers["host"], path, "", self.headers, self.body)

    @property
    def key_id(self) -> str:
        return parse(self.message).said["keyid"]


@dataclass
class Receiver:
    """`answering` says the status for each delivery; `told` is all of them, `asked` the challenges, which `echo` answers."""

    answering: Answering = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    echo: Callable[[str], tuple[int, bytes]] = lambda nonce: (200, json.dumps({"challenge": nonce}).encode())
    asked: list[Told] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    kept: list[Told] = field(default_factory=list)
    url: str = ""
    connections: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections[writer] = asyncio.current_task()
        try:
            while True:
                head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                told = Told(asyncio.get_running_loop().time(), head, headers, body)
                if b'"challenge"' in body:
                    self.asked.append(told)
                    status, said = self.echo(told.said["challenge"])
                    writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(said)}\r\n\r\n".encode() + said)
                    await writer.drain()
                    continue
                self.told.append(told)
                status = self.answering(told)
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)  # a system that takes its time, not a wait for anything
                if 200 <= status < 300:
                    self.kept.append(told)
                more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
                writer.write(f"HTTP/1.1 {status} x\r\n{more}content-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            del self.connections[writer]
            writer.close()

    async def hang_up(self) -> None:
        """End the connections that callers keep, and what reads from them."""
        reading = [task for task in self.connections.values() if task]
        for writer in self.connections:
            writer.close()
        if reading:
            await asyncio.wait(reading, timeout=0.1)

    @property
    def moves(self) -> list[tuple[str, int]]:
        """What it took, in its order, each once."""
        return list(dict.fromkeys(each.move for each in self.kept))


@asynccontextmanager
async def receiving(receiver: Receiver, port: int = 0) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", port)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.hang_up()
