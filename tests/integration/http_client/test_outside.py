"""A call to somebody outside: bounded in time and size, followed nowhere, and never inside by a name."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from chassis.http.outside import NoAnswer, OutsideClient

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives each request's head to `answer`. Its URL and the heads it saw."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        await answer(head, writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", heads


@pytest.fixture
async def client() -> AsyncIterator[OutsideClient]:
    outside = OutsideClient(deadline_s=0.5, answer_limit_bytes=1000)
    yield outside
    await outside.close()


def saying(status: str, body: bytes, *headers: str) -> Answer:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "connection: close", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return answer


async def trickle(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
    for _ in range(20):
        writer.write(b"x")
        await asyncio.sleep(0.1)


async def test_an_answer_comes_as_it_is(client: OutsideClient) -> None:
    async with answering(saying("200 OK", b"yes", "set-cookie: a=b; path=/")) as (url, heads):
        for _ in range(2):
            answer = await client.post(url, b"{}", {"content-type": "application/json"})
            assert (answer.status, answer.body) == (200, b"yes")
    assert b"cookie" not in heads[1].lower()
    assert b"accept-encoding: identity" in heads[0].lower()


async def test_a_redirect_is_an_answer_and_followed_nowhere(client: OutsideClient) -> None:
    async with answering(saying("307 Temporary Redirect", b"", "location: /elsewhere")) as (url, heads):
        assert (await client.post(url, b"{}", {})).status == 307
    assert len(heads) == 1


@pytest.mark.parametrize(
    "answer",
    [
        saying("200 OK", b"x" * 1001),
        saying("200 OK", b"xx", "content-encoding: gzip"),
        trickle,
        saying("nonsense", b""),
    ],
)
async def test_what_is_too_large_too_slow_or_not_plain_is_no_answer(client: OutsideClient, answer: Answer) -> None:
    async with answering(answer) as (url, _):
        with pytest.raises(NoAnswer):
            await client.post(url, b"{}", {})


async def test_a_name_that_leads_inside_is_not_connected_to(client: OutsideClient) -> None:
    async with answering(saying("200 OK", b"yes")) as (url, heads):
        with pytest.raises(NoAnswer):
            await client.post(url.replace("127.0.0.1", "localhost"), b"{}", {})
    assert heads == []


async def test_nobody_there_is_no_answer(client: OutsideClient) -> None:
    with pytest.raises(NoAnswer):
        await client.post("http://127.0.0.1:1/x", b"{}", {})
