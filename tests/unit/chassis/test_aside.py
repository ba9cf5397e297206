import asyncio
import gc
import threading

import pytest

from chassis.aside import aside


async def test_the_collector_rests_until_the_last_work_is_done() -> None:
    first_may_end, second_may_end = threading.Event(), threading.Event()
    both_have_begun = threading.Barrier(2)

    def work(may_end: threading.Event) -> bool:
        both_have_begun.wait(10)
        may_end.wait(10)
        return gc.isenabled()

    first, second = asyncio.create_task(aside(work, first_may_end)), asyncio.create_task(aside(work, second_may_end))
    first_may_end.set()
    assert await first is False
    second_may_end.set()
    assert await second is False
    assert gc.isenabled()


async def test_what_work_raises_is_raised_and_the_collector_goes_on() -> None:
    def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await aside(work)
    assert gc.isenabled()
