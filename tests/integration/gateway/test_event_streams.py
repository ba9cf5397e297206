"""Streams of events pass the gateway as they come, for longer than an answer may take, and take no place from requests."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.database import Database
from tests.integration.gateway.door import Door, gateway, raw_service, register
from tests.support.eventually import eventually

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_PIECES = 5
_DEADLINE_S = 1.0


def _asking(door: Door, *lines: bytes) -> bytes:
    bearer = b"authorization: " + door.bearer()["authorization"].encode()
    return b"\r\n".join((b"GET /matters HTTP/1.1", b"host: x", bearer, *lines, b"", b""))


async def test_a_stream_passes_piece_by_piece_for_longer_than_an_answer_may_take(
    database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    heads: list[bytes] = []
    may_send = asyncio.Semaphore(0)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if b"last-event-id" not in heads[-1]:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            return
        writer.write(_HEAD)
        for place in range(_PIECES):
            await may_send.acquire()
            piece = b"id: %d\n\n" % place
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    loop = asyncio.get_running_loop()
    settings: dict[str, Any] = {"upstream_deadline_ms": int(_DEADLINE_S * 1000), "upstream_connections": 1}
    database = database_of("gateway.registry")
    parties = await register(database)
    async with raw_service(speak) as url, gateway(database, tmp_path, url, parties=parties, **settings) as door:
        began = loop.time()
        reader, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
        writer.write(_asking(door, b"last-event-id: 41"))
        async with asyncio.timeout(10):
            assert b"text/event-stream" in await reader.readuntil(b"\r\n\r\n")
        assert b"last-event-id: 41" in heads[0]
        # The one place is free for others while the stream is open.
        assert (await door.call("GET", "/matters", door.bearer())).status_code == 200
        for place in range(_PIECES):
            # Each comes when more than half of the time that one piece may take has passed: nothing is held back for the next.
            paused = loop.time()
            await eventually(lambda paused=paused: loop.time() > paused + _DEADLINE_S * 0.6)  # type: ignore[misc]
            may_send.release()
            async with asyncio.timeout(10):
                assert b"id: %d\n\n" % place in await reader.readuntil(b"\n\n\r\n")
        async with asyncio.timeout(10):
            assert (await reader.readuntil(b"0\r\n\r\n")).endswith(b"0\r\n\r\n")
        assert loop.time() - began > _DEADLINE_S * 2
        writer.close()


async def test_a_stream_that_falls_silent_is_ended(database_of: Callable[[str], Database], tmp_path: Path) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        await writer.drain()
        await reader.read()

    database = database_of("gateway.registry")
    parties = await register(database)
    async with raw_service(speak) as url, gateway(database, tmp_path, url, parties=parties, upstream_deadline_ms=500) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
        writer.write(_asking(door))
        async with asyncio.timeout(10):
            await reader.readuntil(b"\r\n\r\n")
            assert not (await reader.read()).endswith(b"0\r\n\r\n")
        writer.close()
