"""Ten times too much at the door: the top class goes on, the others are refused at once, and afterwards all is as before."""

from collections.abc import Callable
from pathlib import Path

from chassis.database import Database
from tests.support.eventually import eventually
from tests.support.surge import CLASSES, TOP, Slow, Told, alone, ordinary, overloaded_door, surge, tenfold

_WARM_S, _ALONE_S, _SURGE_S, _SETTLING_S = 1.5, 2.5, 6.0, 2.0


async def test_a_surge_leaves_the_top_class_its_capacity_and_ends_with_the_surge(
    database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    slow = Slow()
    async with overloaded_door(database_of("gateway.registry"), tmp_path, slow) as door:
        before = await surge(door, ordinary(slow), seconds=_WARM_S)
        assert {each.status for each in before} == {200}
        by_itself = Told.of(await surge(door, alone(slow), seconds=_ALONE_S), TOP, since=0, until=_ALONE_S)
        outcomes = await surge(door, tenfold(slow), seconds=_SURGE_S)
        assert {each.status for each in outcomes} == {200, 503}
        told = {name: Told.of(outcomes, name, since=_SETTLING_S, until=_SURGE_S) for name in CLASSES}
        # The same arrivals in both, but for chance: what counts is the part that was answered.
        assert told[TOP].part >= 0.9 * by_itself.part
        assert told[TOP].per_second >= 0.75 * by_itself.per_second
        assert told["progress"].part >= told["statistics"].part
        assert told["statistics"].part < 0.5
        # At once, also where everything takes longer on a busy machine.
        assert told["statistics"].refused_in_s < max(0.05, told[TOP].took_s / 4)

        async def is_as_before() -> bool:
            return {each.status for each in await surge(door, ordinary(slow), seconds=1.0)} == {200}

        await eventually(is_as_before, within=30)
