"""What neighbours say to everybody is asked once for many, and again before it is old."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from chassis.clock import FixedClock
from chassis.errors import NotFound, Unavailable
from chassis.http import MeshClient, patience
from contracts.headers import DEADLINE
from contracts.strict import Answer
from tests.integration.http_client.conftest import Neighbour, says, settings_of
from tests.support.eventually import eventually


class Rule(Answer):
    text: str


@pytest.fixture
async def keeping(neighbour: Neighbour, clock: FixedClock) -> AsyncIterator[MeshClient]:
    client = MeshClient(settings_of(neighbour, kept_answers_ms=60_000), clock)
    yield client
    await client.close()


@pytest.fixture
async def asking_again(neighbour: Neighbour, clock: FixedClock) -> AsyncIterator[MeshClient]:
    """One that keeps nothing without asking whether it still holds."""
    client = MeshClient(settings_of(neighbour, kept_answers_ms=0), clock)
    yield client
    await client.close()


async def ask(client: MeshClient, path: str = "/rule") -> Rule:
    found: Rule = await client.known("identity", path, model=Rule)
    return found


async def test_it_is_asked_once_while_it_is_fresh(neighbour: Neighbour, keeping: MeshClient) -> None:
    neighbour.answering = lambda _: says({"text": "a"})
    first = await ask(keeping)
    assert await ask(keeping) is first
    assert await ask(keeping, "/other") == first
    assert len(neighbour.asked) == 2


async def test_what_changed_is_seen_and_what_did_not_is_not_sent_again(neighbour: Neighbour, asking_again: MeshClient) -> None:
    text, tags = "a", []

    async def tagged(request: Request) -> Response:
        tags.append(request.headers.get("if-none-match"))
        tag = f'"{text}"'
        return Response(status_code=304, headers={"etag": tag}) if tags[-1] == tag else await says({"text": text}, etag=tag)

    neighbour.answering = tagged
    first = await ask(asking_again)
    assert await ask(asking_again) is first
    text = "b"
    assert (await ask(asking_again)).text == "b"
    assert tags == [None, '"a"', '"a"']


async def test_many_who_ask_at_once_wait_for_one_answer(neighbour: Neighbour, keeping: MeshClient) -> None:
    answer = asyncio.Event()

    async def slowly(_: Request) -> Response:
        await answer.wait()
        return await says({"text": "a"})

    neighbour.answering = slowly
    asking = [asyncio.create_task(ask(keeping)) for _ in range(20)]
    await eventually(lambda: len(neighbour.asked) == 1)
    asking[0].cancel()
    answer.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert set(map(id, found[1:])) == {id(found[1])}
    assert len(neighbour.asked) == 1


async def test_who_has_no_time_left_waits_no_longer_than_that_and_takes_nobody_along(neighbour: Neighbour, keeping: MeshClient) -> None:
    answer = asyncio.Event()

    async def slowly(_: Request) -> Response:
        await answer.wait()
        return await says({"text": "a"})

    async def hastily() -> Any:
        patience.begin("50")
        return await ask(keeping)

    neighbour.answering = slowly
    hasty = asyncio.create_task(hastily())
    await eventually(lambda: len(neighbour.asked) == 1)
    patient = asyncio.create_task(ask(keeping))
    with pytest.raises(Unavailable):
        await hasty
    answer.set()
    assert (await patient).text == "a"
    assert int(neighbour.header(DEADLINE)) > 1000
    assert len(neighbour.asked) == 1


async def test_a_refusal_is_not_kept_and_ends_what_was(neighbour: Neighbour, asking_again: MeshClient) -> None:
    neighbour.answering = lambda _: says({"text": "a"}, etag='"a"')
    await ask(asking_again)
    neighbour.answering = lambda _: says({"code": "gone"}, 404)
    with pytest.raises(NotFound):
        await ask(asking_again)
    neighbour.answering = lambda _: says({"text": "b"})
    assert (await ask(asking_again)).text == "b"
    assert "if-none-match" not in neighbour.asked[-1][0].headers
