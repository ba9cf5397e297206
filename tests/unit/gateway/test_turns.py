"""A coroutine goes on in the callback that brings what it waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from gateway.turns import Driven, Turn, as_task
from tests.support.eventually import eventually

Ended = list[BaseException | None]


def driven(coroutine: Coroutine[Any, Any, None]) -> tuple[Driven, Ended]:
    ended: Ended = []
    running = Driven(coroutine, asyncio.get_running_loop(), ended.append)
    running.go_on()
    return running, ended


async def test_it_begins_at_once_and_goes_on_the_moment_it_is_given_its_turn() -> None:
    turn, done = Turn(), []

    async def wait() -> None:
        done.append("begun")
        await turn
        done.append("gone on")

    _, ended = driven(wait())
    assert done == ["begun"]
    turn.give()
    assert (done, ended) == (["begun", "gone on"], [None])


async def test_a_turn_that_was_given_before_is_not_waited_for() -> None:
    turn = Turn()
    turn.give()

    async def wait() -> None:
        await turn

    assert driven(wait())[1] == [None]
    await turn


@pytest.mark.parametrize("is_task", [False, True])
async def test_whoever_is_cancelled_cleans_up_and_goes_on_no_more(is_task: bool) -> None:
    turn, done = Turn(), []

    async def wait() -> None:
        if is_task:
            await as_task()
        try:
            await turn
        finally:
            done.append("cleaned up")

    running, ended = driven(wait())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    turn.give()
    assert done == ["cleaned up"]
    assert [type(each) for each in ended] == [asyncio.CancelledError]


@pytest.mark.parametrize("is_asked_for", [True, False])
async def test_whoever_is_cancelled_before_the_task_has_begun_cleans_up_as_well(is_asked_for: bool) -> None:
    turn, done = Turn(), []

    async def wait() -> None:
        try:
            await (as_task() if is_asked_for else asyncio.sleep(10))
            await turn
        except asyncio.CancelledError:
            done.append("cancelled")
            raise

    running, ended = driven(wait())
    running.cancel()
    await eventually(lambda: ended)
    assert done == ["cancelled"]
    assert [type(each) for each in ended] == [asyncio.CancelledError]


async def test_what_waits_for_anything_else_becomes_a_task() -> None:
    given, turn, tasks = asyncio.get_running_loop().create_future(), Turn(), []

    async def wait() -> None:
        await given
        tasks.append(asyncio.current_task())
        async with asyncio.timeout(10):
            await turn
        raise LookupError

    _, ended = driven(wait())
    given.set_result(None)
    await eventually(lambda: tasks)
    turn.give()
    await eventually(lambda: ended)
    assert isinstance(tasks[0], asyncio.Task)
    assert isinstance(ended[0], LookupError)


async def test_what_is_raised_at_once_is_told() -> None:
    async def fail() -> None:
        raise LookupError

    assert isinstance(driven(fail())[1][0], LookupError)
