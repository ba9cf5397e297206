"""What passes through the gateway piece by piece, and what happens when either side is slow, silent or gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from chassis.database import Database
from gateway.door import DoorProtocol
from gateway.door.body import HELD_BYTES
from gateway.registry.tables import decisions
from tests.integration.gateway.door import Door, Speak, exchange, gateway, raw_service, register
from tests.support.eventually import eventually

MIB = 1024 * 1024
PIECE = bytes(range(256)) * 256
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n"

Opened = Callable[..., Any]


@pytest.fixture
def opened(database_of: Callable[[str], Database], tmp_path: Path) -> Opened:
    """A gateway before a service that speaks as it is told."""

    @asynccontextmanager
    async def open_before(speak: Speak, **settings: Any) -> AsyncIterator[Door]:
        database = database_of("gateway.registry")
        async with raw_service(speak) as url, gateway(database, tmp_path, url, parties=await register(database), **settings) as door:
            yield door

    return open_before


def asking(door: Door, request: bytes = b"GET /matters HTTP/1.1", more: bytes = b"") -> bytes:
    return request + b"\r\nhost: x\r\nauthorization: " + door.bearer()["authorization"].encode() + b"\r\n" + more + b"\r\n"


async def connected(door: Door) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", door.settings.listen_port)


async def heads(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        return await reader.readuntil(b"\r\n\r\n")


async def rows(door: Door, route: str = "GET /matters") -> list[Any]:
    async with door.database.reading() as session:
        said = [orjson.loads(each) for each in await session.scalars(sa.select(decisions.c.body))]
    return [SimpleNamespace(**{"rule": None, **each}) for each in said if each["route"] == route]


@pytest.mark.parametrize("is_chunked", [True, False])
async def test_an_answer_of_any_size_passes_whole(opened: Opened, is_chunked: bool) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + (b"transfer-encoding: chunked\r\n\r\n" if is_chunked else b"content-length: %d\r\n\r\n" % (256 * len(PIECE))))
        for _ in range(256):
            writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if is_chunked else PIECE)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if is_chunked else b"")
        await writer.drain()

    async with opened(speak) as door:
        answer = await door.call("GET", "/matters", door.bearer())
        assert answer.content == PIECE * 256
        assert ("content-length" in answer.headers) is not is_chunked


async def test_a_slow_reader_makes_the_service_wait_and_is_cut_off_in_the_end(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DoorProtocol, "write_deadline_s", 1.0)
    sent, ended = 0, asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"content-length: %d\r\n\r\n" % (4096 * len(PIECE)))
        with contextlib.suppress(ConnectionError):
            for _ in range(4096):
                writer.write(PIECE)
                await writer.drain()
                sent += len(PIECE)
        ended.set()

    async with opened(speak) as door:
        _, writer = await connected(door)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(asking(door))
        async with asyncio.timeout(8):
            await ended.wait()
        # What both sides of both connections hold in their buffers, of 256 MiB.
        assert sent < 32 * MIB
        [row] = await eventually(lambda: rows(door), within=5)
        assert (row.status, row.rule) == (200, "hung-up")
        writer.close()


async def test_who_reads_slowly_costs_only_those_who_ask_the_same_service(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten wait for each connection that is held, far more than may be in flight: they wait for the readers, not for the mesh."""
    monkeypatch.setattr(DoorProtocol, "write_deadline_s", 60.0)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 4096 * len(PIECE) if b"tongban-source" in head else 2
        writer.write(OK + b"content-length: %d\r\n\r\n" % length)
        with contextlib.suppress(ConnectionError):
            for _ in range(length // 2 if length == 2 else 4096):
                writer.write(b"ok" if length == 2 else PIECE)
                await writer.drain()

    async with opened(speak, admission_start=16, upstream_connections=4) as door:
        readers = [await connected(door) for _ in range(44)]
        for _, writer in readers:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")

        async def is_let_in() -> bool:
            return (await door.call("GET", "/matters", door.bearer())).status_code == 200

        await eventually(is_let_in)
        assert [await is_let_in() for _ in range(40)] == [True] * 40
        for _, writer in readers:
            writer.transport.abort()


async def test_a_large_body_passes_whole_and_a_service_that_does_not_read_makes_its_sender_wait(opened: Opened) -> None:
    heard, may_read = bytearray(), asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await may_read.wait()
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            heard.extend((await reader.readexactly(size + 2))[:-2])
            if size == 0:
                break
        writer.write(OK + b"content-length: 2\r\n\r\nok")
        await writer.drain()

    async with opened(speak, body_limit_bytes=64 * MIB) as door:
        reader, writer = await connected(door)
        writer.write(asking(door, b"POST /token HTTP/1.1", b"transfer-encoding: chunked\r\n"))
        given = 0

        async def give() -> None:
            nonlocal given
            for _ in range(800):
                writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
                await writer.drain()
                given += len(PIECE)
            writer.write(b"0\r\nauthorization: forged\r\n\r\n")

        giving = asyncio.create_task(give())
        await asyncio.wait([giving], timeout=1.5)
        assert not giving.done()
        assert given < 32 * MIB
        may_read.set()
        assert (await heads(reader)).startswith(b"HTTP/1.1 200")
        assert bytes(heard) == PIECE * 800
        writer.close()


async def test_a_body_over_the_limit_is_refused_however_it_is_framed(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with opened(speak, body_limit_bytes=MIB) as door:
        declared = await exchange(door.settings.listen_port, asking(door, b"POST /token HTTP/1.1", b"content-length: %d\r\n" % (2 * MIB)))
        assert declared.startswith(b"HTTP/1.1 413")
        reader, writer = await connected(door)
        writer.write(asking(door, b"POST /token HTTP/1.1", b"transfer-encoding: chunked\r\n"))
        for _ in range(20):
            writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
        assert (await heads(reader)).startswith(b"HTTP/1.1 413")
        writer.close()
        [row] = [
            each for each in await eventually(lambda: rows(door, "POST /token"), within=5) if hasattr(each, "upstream") and each.upstream
        ]
        assert (row.refused_by, row.rule, row.status) == ("protection", "body-limit", 413)


async def test_an_answer_that_ends_too_soon_is_seen_to_be_cut_short(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"content-length: 1000000\r\n\r\n" + PIECE)
        await writer.drain()

    async with opened(speak) as door:
        said = await exchange(door.settings.listen_port, asking(door))
        assert said == b"reset" or len(said) < 1_000_000
        [row] = await eventually(lambda: rows(door), within=5)
        assert (row.status, row.rule) == (200, "cut-short")


async def test_a_service_that_trickles_is_late(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for byte in OK + b"content-length: 10000\r\n\r\n":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.1)

    async with opened(speak, upstream_deadline_ms=1000) as door:
        assert (await door.call("GET", "/matters", door.bearer())).status_code == 504


async def test_who_hangs_up_ends_the_call_and_leaves_one_record(opened: Opened) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        gone.set()

    async with opened(speak) as door:
        _, writer = await connected(door)
        writer.write(asking(door))
        await asked.wait()
        writer.transport.abort()
        async with asyncio.timeout(10):
            await gone.wait()
        [row] = await eventually(lambda: rows(door), within=5)
        assert (row.status, row.rule, row.upstream) == (499, "hung-up", "catalogue")


async def test_head_is_answered_as_get_would_be_without_its_body(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"content-length: 11\r\n\r\nhello world")

    async with opened(speak) as door:
        reader, writer = await connected(door)
        for _ in range(2):
            writer.write(asking(door, b"HEAD /matters HTTP/1.1"))
            assert b"content-length: 11\r\n" in await heads(reader)
        writer.write(asking(door))
        assert (await heads(reader)).startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(11) == b"hello world"
        writer.close()


async def test_leave_to_send_a_body_is_given_to_those_who_may(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"content-length: 2\r\n\r\n" + await reader.readexactly(2))
        await writer.drain()

    async with opened(speak) as door:
        expecting = b"expect: 100-continue\r\ncontent-length: 2\r\n"
        reader, writer = await connected(door)
        writer.write(asking(door, b"POST /token HTTP/1.1", expecting))
        assert await heads(reader) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"ab")
        assert (await heads(reader)).startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(2) == b"ab"
        writer.close()
        refused = await exchange(door.settings.listen_port, b"POST /cases HTTP/1.1\r\nhost: x\r\n" + expecting + b"\r\n")
        assert refused.startswith(b"HTTP/1.1 401")
        assert b"100 Continue" not in refused


async def test_requests_sent_at_once_are_answered_in_their_order(opened: Opened) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"content-length: 1\r\n\r\n" + b"y" * (b"deadline" in head))

    async with opened(speak) as door:
        three = asking(door) + asking(door, b"GET /unknown HTTP/1.1") + asking(door)
        said = await exchange(door.settings.listen_port, three + b"nonsense\r\n\r\n")
        statuses = [each[:3] for each in said.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200", b"404", b"200", b"400"]


@pytest.mark.parametrize(
    "more",
    [b"connection: upgrade\r\nupgrade: websocket\r\n", b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: x\r\n"],
)
async def test_no_other_protocol_is_spoken(opened: Opened, more: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    async with opened(speak) as door:
        said = await exchange(door.settings.listen_port, asking(door, more=more))
        assert said.startswith(b"HTTP/1.1 400")
        assert b'"rule": "upgrade"' in said
        preface = await exchange(door.settings.listen_port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert preface.startswith(b"HTTP/1.1 400")


async def test_the_service_learns_how_long_it_is_waited_for(opened: Opened) -> None:
    told: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"content-length: 0\r\n\r\n")
        await writer.drain()

    async with opened(speak, upstream_deadline_ms=4000) as door:
        await door.call("GET", "/matters", {**door.bearer(), "tongban-deadline-ms": "99999999"})
        [line] = [each for each in told[0].split(b"\r\n") if b"deadline" in each]
        assert 3000 < int(line.removeprefix(b"tongban-deadline-ms: ")) <= 4000


async def test_a_large_signed_body_is_read_to_its_end_before_it_is_judged(opened: Opened) -> None:
    """More than is held for a reader who has not come yet, and in more than one read: the reader is there and waits for all of it."""

    async def silent(*_: Any) -> None:
        """Nothing of this goes to a service."""

    async with opened(silent) as door:
        said = {"name": "x" * 6 * HELD_BYTES, "kind": "district"}
        async with asyncio.timeout(5):
            answer = await door.officer("op-001", "POST", "/parties", said, key="large")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
