"""Who waits until a service may be asked, and who is to blame for it."""

import asyncio

import pytest

from gateway.proxy.places import HeldByReaders, Places
from gateway.unified.protection import Admission


async def waiting(places: Places, admission: Admission, *, within_s: float = 60.0) -> "asyncio.Task[None]":
    """One more who was let in and found no place."""
    assert admission.enter(0, 0.0) is None
    task = asyncio.create_task(places.wait(within_s, admission))
    await asyncio.sleep(0)
    return task


def taken(count: int, *, flowing: int) -> Places:
    places = Places(count)
    for _ in range(count):
        places.take()
    for _ in range(flowing):
        places.begins_to_flow()
    return places


@pytest.mark.parametrize(("flowing", "counted"), [(2, 3), (3, 0)])
async def test_who_waits_for_those_that_read_slowly_is_not_in_flight(flowing: int, counted: int) -> None:
    places, admission = taken(4, flowing=flowing), Admission()
    tasks = [await waiting(places, admission) for _ in range(3)]
    assert admission.in_flight == counted
    for _ in range(3):
        places.release()
    await asyncio.gather(*tasks)
    assert admission.in_flight == 3


async def test_it_is_told_apart_again_when_answers_begin_and_end() -> None:
    places, admission = taken(4, flowing=2), Admission()
    tasks = [await waiting(places, admission) for _ in range(3)]
    places.begins_to_flow()
    assert admission.in_flight == 0
    places.flowed()
    assert admission.in_flight == 3 - 1 + 1
    await asyncio.gather(tasks[0])
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert admission.in_flight == 3


@pytest.mark.parametrize(("flowing", "fact"), [(0, TimeoutError), (4, HeldByReaders)])
async def test_a_wait_in_vain_names_who_held_the_places(flowing: int, fact: type[Exception]) -> None:
    places, admission = taken(4, flowing=flowing), Admission()
    with pytest.raises(fact):
        await (await waiting(places, admission, within_s=0.0))
    assert admission.in_flight == 1


async def test_who_gives_up_in_the_moment_in_which_it_is_called_lets_the_next_one_go() -> None:
    places, admission = taken(1, flowing=0), Admission()
    first, second = [await waiting(places, admission) for _ in range(2)]
    places.release()
    first.cancel()
    await asyncio.wait_for(second, timeout=5)
    assert first.cancelled()
    assert places.free == 1
