"""Connections to one service: never one answer for another's question."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.decision import Deny
from gateway.proxy.answer import Answer
from gateway.proxy.upstream import Upstream
from tests.support.eventually import eventually

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


@asynccontextmanager
async def service(*answers: bytes | None, deadline_s: float = 2.0, connections: int = 4) -> AsyncIterator[tuple[Upstream, list[bytes]]]:
    """A service that answers each request on a connection with the next of these bytes; None ends the connection."""
    asked: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            asked.append(head)
            answer = answers[min(len(asked), len(answers)) - 1]
            if answer is None:
                break
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = Upstream(f"http://127.0.0.1:{port}", connections=connections, deadline_s=deadline_s)
    yield upstream, asked
    upstream.close()
    server.close()
    for writer in writers:
        writer.close()


async def ask(upstream: Upstream, method: str = "GET") -> Answer | Deny:
    return await upstream.ask(method, "/a", [], b"")


async def told(upstream: Upstream, method: str = "GET") -> tuple[int, bytes]:
    answer = await ask(upstream, method)
    assert isinstance(answer, Answer), answer
    return answer.status, answer.body


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK + b"ok", 200, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" + OK + b"ok", 200, b"ok"),
        (b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", 500, b""),
    ],
)
async def test_an_answer_is_read_whole(answer: bytes, status: int, body: bytes) -> None:
    async with service(answer) as (upstream, asked):
        assert await told(upstream) == (status, body)
        assert await told(upstream) == (status, body)
        assert asked[0].startswith(b"GET /a HTTP/1.1\r\nhost: 127.0.0.1:")


async def test_two_answers_to_one_question_do_not_answer_the_next() -> None:
    poisoned = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\npoisoned"
    async with service(OK + b"ok" + poisoned, OK + b"no") as (upstream, _):
        assert await told(upstream) == (200, b"ok")
        assert await told(upstream) == (200, b"no")


async def test_what_comes_unasked_ends_the_connection() -> None:
    async with service(OK + b"ok") as (upstream, _):
        assert await told(upstream) == (200, b"ok")
        [connection] = upstream._idle
        connection.data_received(OK + b"no")
        assert not connection.is_reusable
        assert await told(upstream) == (200, b"ok")


async def test_a_question_that_is_safe_to_repeat_is_repeated_on_a_connection_that_had_gone() -> None:
    async with service(OK + b"ok", None, OK + b"ok") as (upstream, asked):
        assert await told(upstream) == (200, b"ok")
        assert await told(upstream) == (200, b"ok")
        assert len(asked) == 3


async def test_an_order_is_never_repeated() -> None:
    async with service(OK + b"ok", None, OK + b"ok") as (upstream, asked):
        assert await told(upstream) == (200, b"ok")
        answer = await ask(upstream, "POST")
        assert isinstance(answer, Deny)
        assert answer.problem.status == 502
        assert len(asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 100_000 + b"\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
)
async def test_what_is_no_whole_answer_is_none(answer: bytes | None) -> None:
    async with service(answer, deadline_s=0.3) as (upstream, _):
        refused = await ask(upstream)
        assert isinstance(refused, Deny)
        assert refused.problem.status in {502, 504}


async def test_cancelled_questions_leave_every_connection_usable() -> None:
    async with service(OK + b"ok", connections=2) as (upstream, _):
        for _ in range(100):
            tasks = [asyncio.create_task(ask(upstream)) for _ in range(4)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert [await told(upstream) for _ in range(10)] == [(200, b"ok")] * 10
        assert upstream._places.free == 2


async def test_a_cancelled_question_is_not_answered_to_the_next() -> None:
    async with service(b"", OK + b"ok") as (upstream, asked):
        task = asyncio.create_task(ask(upstream))
        await eventually(lambda: asked)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await told(upstream) == (200, b"ok")


async def test_readers_that_hold_every_connection_do_not_speak_against_the_service() -> None:
    large = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + bytes(100)
    async with service(large, OK + b"ok", connections=1, deadline_s=1.0) as (upstream, _):
        held = await ask(upstream)
        assert isinstance(held, Answer)
        assert held.rest is not None
        refused = await asyncio.gather(*(ask(upstream) for _ in range(10)))
        assert {each.problem.code for each in refused if isinstance(each, Deny)} == {"upstream-late"}
        held.close()
        assert await told(upstream) == (200, b"ok")
