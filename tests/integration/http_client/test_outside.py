"""A call to somebody outside: bounded in time and size, followed nowhere, and never inside by a name."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from chassis.http.outside import GlobalAddresses, NamesApart, NoAnswer, OutsideClient

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
    outside = OutsideClient(deadline_s=0.5, answer_limit_bytes=1000, may_be_loopback=True)
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


@pytest.mark.parametrize(
    "spelling",
    ["http://127.0.0.1:{port}/x", "http://[::ffff:127.0.0.1]:{port}/x", "http://127.1:{port}/x", "http://2130706433:{port}/x",
     "http://0x7f.1:{port}/x", "https://127.0.0.1:{port}/x", "https://user@example.cn/x", "http://example.cn/x", "gopher://127.0.0.1/x"],
)  # fmt: skip
async def test_no_spelling_of_an_address_leads_inside(spelling: str) -> None:
    outside = OutsideClient(deadline_s=0.5, answer_limit_bytes=1000)
    async with answering(saying("200 OK", b"yes")) as (url, heads):
        with pytest.raises(NoAnswer):
            await outside.post(spelling.format(port=url.split(":")[2].split("/")[0]), b"{}", {})
    await outside.close()
    assert heads == []


class Names(AbstractResolver):
    """Answers each question with the next address, as whoever rebinds a name does."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        address = self.addresses[self.asked]
        self.asked += 1
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)]

    async def close(self) -> None:
        pass


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
async def test_a_name_that_resolves_inside_is_not_connected_to(address: str) -> None:
    names = Names(address)
    outside = OutsideClient(deadline_s=0.5, answer_limit_bytes=1000, names=names)
    with pytest.raises(NoAnswer) as refused:
        await outside.post("https://data.example.cn/x", b"{}", {})
    await outside.close()
    assert names.asked == 1
    assert any("not global" in str(each) for each in causes(refused.value))


async def test_what_is_looked_at_is_what_is_connected_to() -> None:
    """Between the look and the connection nothing is resolved again: there is nothing to rebind."""
    nowhere = "2a0f:ffff:ffff::1"
    names = Names(nowhere, "127.0.0.1")
    outside = OutsideClient(deadline_s=0.5, answer_limit_bytes=1000, names=names)
    with pytest.raises(NoAnswer):
        await outside.post("https://data.example.cn/x", b"{}", {})
    await outside.close()
    assert names.asked == 1


async def test_names_are_looked_up_apart_and_one_that_leads_inside_is_refused() -> None:
    names = NamesApart()
    assert {each["host"] for each in await names.resolve("localhost", 80)} <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match="not global"):
        await GlobalAddresses(names).resolve("localhost", 80)
    await names.close()


@pytest.mark.parametrize(("said", "wait"), [("7", 7), ("99999", 3600), ("soon", None), ("-1", None), ("٣", None)])
async def test_an_answer_says_how_long_it_wants_to_be_left_alone(client: OutsideClient, said: str, wait: int | None) -> None:
    async with answering(saying("503 Service Unavailable", b"", f"retry-after: {said}")) as (url, _):
        assert (await client.post(url, b"{}", {})).retry_after_s == wait


async def test_nobody_there_is_no_answer(client: OutsideClient) -> None:
    with pytest.raises(NoAnswer):
        await client.post("http://127.0.0.1:1/x", b"{}", {})
