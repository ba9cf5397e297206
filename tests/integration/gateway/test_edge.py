"""The door's own protocol on a real socket: who is slow, silent or says too much."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.door import DoorProtocol
from tests.integration.gateway.door import Behind, exchange
from tests.integration.gateway.spoken import spoken_to

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n"
CLOSE = b"connection: close\r\n\r\n"


class Hasty(DoorProtocol):
    header_deadline_s = 0.3
    body_deadline_s = 0.3


@pytest.fixture
async def port(behind: Behind) -> AsyncIterator[int]:
    config, state = uvicorn.Config(spoken_to(behind), lifespan="off", proxy_headers=False, log_config=None, access_log=False), ServerState()
    config.load()
    server = await asyncio.get_running_loop().create_server(lambda: Hasty(config=config, server_state=state, app_state={}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for connection in list(state.connections):
        connection.abort()
    await asyncio.gather(*state.tasks)


async def drip(port: int, start: bytes, each: bytes) -> bytes:
    """Send a little every 50 ms until the other side has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(start)
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(20):
        while not reading.done():
            writer.write(each)
            await asyncio.wait([reading], timeout=0.05)
    writer.close()
    return reading.result() if reading.exception() is None else b"reset"


async def test_a_request_passes(port: int, behind: Behind) -> None:
    assert (await exchange(port, GET + CLOSE)).startswith(b"HTTP/1.1 200")
    assert len(behind.asked) == 1


@pytest.mark.parametrize(
    ("start", "each"),
    [
        (b"", b""),
        (b"G", b""),
        (GET, b"a: b\r\n"),
        (GET + b"long: ", b"x"),
        (b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n", b"x"),
        (b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
async def test_who_is_slow_or_silent_is_cut_off(port: int, behind: Behind, start: bytes, each: bytes) -> None:
    assert (await drip(port, start, each)).startswith(b"HTTP/1.1 408")
    assert behind.asked == []


async def test_blank_lines_between_requests_do_not_hold_a_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET + b"\r\n")
    assert (await reader.readuntil(b"{}")).startswith(b"HTTP/1.1 200")
    writer.write(b"\r\n")
    async with asyncio.timeout(15):
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
    writer.close()


async def test_a_request_that_is_being_worked_on_is_not_late(port: int, behind: Behind) -> None:
    behind.hold = asyncio.Event()
    waiting = asyncio.create_task(exchange(port, b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx"))
    await asyncio.wait([waiting], timeout=0.7)
    assert not waiting.done()
    behind.hold.set()
    assert (await waiting).startswith(b"HTTP/1.1 200")


async def test_a_late_second_request_does_not_answer_for_the_first(port: int, behind: Behind) -> None:
    behind.hold = asyncio.Event()
    assert await exchange(port, GET + b"\r\n" + b"GET /slow") in {b"", b"reset"}
    behind.hold.set()


@pytest.mark.parametrize(
    "headers",
    [
        b"a: " + b"x" * 33_000 + b"\r\n",
        b"".join(b"a%d: x\r\n" % number for number in range(65)),
        b"a: " + b"x" * 5_000_000 + b"\r\n",
        b"".join(b"a%d: " % number + b"x" * 1000 + b"\r\n" for number in range(40)),
    ],
)
async def test_too_many_or_too_large_headers_are_refused(port: int, behind: Behind, headers: bytes) -> None:
    answer = await exchange(port, GET + headers + CLOSE)
    assert answer.startswith(b"HTTP/1.1 431") or answer == b"reset"
    assert behind.asked == []


async def test_a_long_path_is_refused(port: int) -> None:
    assert (await exchange(port, b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n" + CLOSE)).startswith(b"HTTP/1.1 431")


async def test_the_second_request_of_a_connection_is_counted_by_itself(port: int) -> None:
    large = b"GET /a HTTP/1.1\r\nhost: x\r\na: " + b"x" * 20_000 + b"\r\n"
    answer = await exchange(port, large + b"\r\n" + large + CLOSE)
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /a HTTP/1.1\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\nhost: x\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\nHOST: y\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 3\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: +3\r\n",
        b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\na : b\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\na: b\nc: d\r\n",
        b"GET /a HTTP/1.1\r\nhost: x\r\na: b\x00c\r\n",
        b"GET /\xe9 HTTP/1.1\r\nhost: x\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n",
        b"nonsense\r\n",
    ],
)
async def test_what_two_readers_could_read_differently_is_refused(port: int, behind: Behind, request_: bytes) -> None:
    assert (await exchange(port, request_ + CLOSE + b"3\r\nabc\r\n0\r\n\r\n")).startswith(b"HTTP/1.1 400")
    assert behind.asked == []


async def test_a_trailer_is_no_header(port: int, behind: Behind) -> None:
    chunked = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n1\r\nx\r\n0\r\nauthorization: forged\r\n\r\n"
    assert (await exchange(port, chunked)).startswith(b"HTTP/1.1 200")
    assert "authorization" not in behind.asked[0][2]
    assert behind.asked[0][3] == b"x"


async def test_known_fields_do_not_make_an_unknown_request_line_good(port: int, behind: Behind) -> None:
    block = b"host: x\r\na: b\r\n\r\n"
    for number, line in enumerate((b"GET /a?b=1 HTTP/1.1", b"GET /c?b=2 HTTP/1.1")):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line + b"\r\n" + block)
        assert (await reader.readuntil(b"{}")).startswith(b"HTTP/1.1 200")
        assert behind.asked[number][:2] == ("GET", line.split()[1].partition(b"?")[0].decode())
        writer.close()
    for line in (b"GET /\xe9 HTTP/1.1", b"GET /a#b HTTP/1.1", b"GET /a b HTTP/1.1", b"GET /a HTTP/1.1\r\nhost: y", b"GET /a HTTP/9.1"):
        assert (await exchange(port, line + b"\r\n" + block)).startswith(b"HTTP/1.1 400")
    assert len(behind.asked) == 2


async def test_a_failure_in_the_rooms_is_answered_and_hangs_nobody(port: int, behind: Behind) -> None:
    def fail(_: str) -> Any:
        raise LookupError("a mistake of ours")

    behind.answer = fail
    for _ in range(2):
        said = await exchange(port, GET + b"\r\n")
        assert said.startswith(b"HTTP/1.1 500")
        assert b"application/problem+json" in said
        assert b"mistake" not in said
