"""The way to a server over a socket, which a test can cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Wire:
    """The way to a server, which can be cut and mended, or swallow what is said on the connections of now."""

    port: int
    is_cut: bool = False
    is_deaf: bool = False
    """What is said arrives, and no answer comes back: the line breaks when one would."""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    swallowed: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut(self) -> None:
        self.is_cut = True
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def mend(self) -> None:
        self.is_cut = self.is_deaf = False

    def swallow(self) -> None:
        self.swallowed = list(self.writers)


@asynccontextmanager
async def wire(to_port: int) -> AsyncIterator[Wire]:
    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if is_answer and between.is_deaf:
                    writer.transport.abort()
                    break
                if writer not in between.swallowed:
                    writer.write(data)
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        between.writers.append(writer)
        if between.is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to_port)
        between.writers.append(far_writer)
        await asyncio.gather(copy(reader, far_writer, is_answer=False), copy(far_reader, writer, is_answer=True))

    server = await asyncio.start_server(joined, "127.0.0.1", 0)
    between = Wire(server.sockets[0].getsockname()[1])
    yield between
    between.cut()
    server.close()
