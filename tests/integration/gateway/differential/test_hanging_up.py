"""Connections that end: between requests, at every moment of an exchange, by whichever side."""

import asyncio
import random
from collections import Counter
from typing import Final

import pytest

from gateway.proxy.upstream import Upstream
from tests.integration.gateway.differential.client import Sending, talk
from tests.integration.gateway.differential.corpus import SEED, chunked, request, sized
from tests.integration.gateway.differential.recorder import Recorder, Script
from tests.integration.gateway.differential.sides import Sides
from tests.support.eventually import eventually

_REQUESTS: Final = 200
_DISCONNECTS: Final = 1000
_AT_ONCE: Final = 20


async def statuses(port: int, recorder: Recorder, method: str, count: int) -> list[int]:
    """Of so many requests on a few connections."""
    room = asyncio.Semaphore(4)

    async def one(number: int) -> int:
        async with room:
            asked = request(method, f"/n/r{number:04}", *(() if method == "GET" else ("content-length: 0",)))
            said = await talk(port, Sending((asked,), (method,)))
            return said.said[0].status if said.said else 0

    recorder.heard.clear()
    return await asyncio.gather(*(one(number) for number in range(count)))


@pytest.mark.parametrize("each", [1, 2, 7])
async def test_a_service_that_ends_idle_connections_fails_no_safe_call_and_is_told_no_order_twice(both: Sides, each: int) -> None:
    both.ours.closes_each = both.theirs.closes_each = each
    for port, recorder in ((both.gateway_port, both.ours), (both.nginx_port, both.theirs)):
        assert set(await statuses(port, recorder, "GET", _REQUESTS)) == {200}
        ordered = await statuses(port, recorder, "POST", _REQUESTS)
        times = Counter(len(heard) for name, heard in recorder.heard.items() if name.startswith("r"))
        # One that met its connection's end may have failed, but was not said again.
        assert set(times) == {1}
        assert set(ordered) <= {200, 502}
        assert ordered.count(200) >= _REQUESTS * 0.8
        assert times[1] >= ordered.count(200)
    assert set(await statuses(both.gateway_port, both.ours, "GET", 20)) == {200}


def _whole(number: int) -> bytes:
    """One of the kinds of request."""
    body = sized(200_000, number % 3)
    return (
        request("GET", f"/n/h{number:04}"),
        request("POST", f"/n/h{number:04}", f"content-length: {len(body)}", body=body),
        request("PUT", f"/n/h{number:04}", "transfer-encoding: chunked", body=chunked(body, number)),
        request("POST", f"/n/h{number:04}", "content-length: 3", "expect: 100-continue", body=b"abc"),
        request("GET", f"/n/h{number:04}") * 3,
    )[number % 5]


async def hang_up(port: int, number: int, chance: random.Random) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    whole = _whole(number)
    phase = chance.random()
    # A third before all was sent, the others after that, at any moment of the answer.
    writer.write(whole[: int(len(whole) * phase * 3)])
    try:
        if phase > 0.33:
            async with asyncio.timeout(chance.random() * 0.02):
                while await reader.read(chance.choice((1, 1000, 100_000))):
                    pass
    except (TimeoutError, ConnectionError):
        pass
    if chance.random() < 0.7:
        writer.transport.abort()
    else:
        writer.close()


async def test_a_thousand_clients_that_hang_up_at_any_moment_hold_nothing(upstreams: list[Upstream], both: Sides) -> None:
    chance, room = random.Random(SEED), asyncio.Semaphore(_AT_ONCE)
    large = Script((b"HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n", *[sized(100_000)] * 4))
    both.ours.scripts |= {f"h{number:04}": large for number in range(0, _DISCONNECTS, 3)}

    async def one(number: int) -> None:
        async with room:
            await hang_up(both.gateway_port, number, chance)

    await asyncio.gather(*(one(number) for number in range(_DISCONNECTS)))
    assert (await statuses(both.gateway_port, both.ours, "GET", _AT_ONCE)) == [200] * _AT_ONCE
    assert (await statuses(both.gateway_port, both.ours, "POST", _AT_ONCE)) == [200] * _AT_ONCE
    most = both.door.settings.upstream_connections
    await eventually(lambda: [each._places.free for each in upstreams] == [most] * len(upstreams), within=5)
    assert [len(each._places._waiting) for each in upstreams] == [0] * len(upstreams)
    assert not both.ours.broken or all(b"\r\n" not in each[:4] for each in both.ours.broken)


@pytest.mark.parametrize("size", [0, 10, 300_000])
async def test_a_client_that_says_that_it_has_said_all_is_taken_for_gone(both: Sides, size: int) -> None:
    """nginx does so too, where it has not buffered anything."""
    body = sized(size)
    asked = request("POST", "/n/e0001", f"content-length: {size}", body=body)
    both.ours.scripts["e0001"] = Script(ignores=True)
    said = await talk(both.gateway_port, Sending((asked,), ("POST",), half_closes=True))
    assert (said.statuses, said.end) == ([], "closed")
    assert {each.body for each in both.ours.heard["e0001"]} <= {body}
    await eventually(lambda: not both.ours.open, within=5)
