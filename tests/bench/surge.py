"""What each class of priority gets at the door while ten times more comes than can be answered: `make bench-surge`."""

import asyncio
import logging
import tempfile
from pathlib import Path

import structlog

from chassis.database import Database
from tests.support import postgres, run_wide
from tests.support.surge import CLASSES, TOP, Slow, Told, alone, ordinary, overloaded_door, surge, tenfold

_SURGE_S, _SETTLING_S = 60.0, 5.0


async def _measure(url: str, folder: Path) -> None:
    slow, database = Slow(workers=5), Database(url)
    async with overloaded_door(database, folder, slow) as door:
        await surge(door, ordinary(slow), seconds=3)
        by_itself = Told.of(await surge(door, alone(slow), seconds=10), TOP, since=0, until=10)
        outcomes = await surge(door, tenfold(slow), seconds=_SURGE_S)
        began = asyncio.get_running_loop().time()
        while {each.status for each in await surge(door, ordinary(slow), seconds=1.0)} != {200}:
            pass
        recovered_s = asyncio.get_running_loop().time() - began
    await database.close()
    print(f"capacity {slow.per_second:.0f}/s, offered {10 * slow.per_second:.0f}/s for {_SURGE_S:.0f} s")
    for name in CLASSES:
        told = Told.of(outcomes, name, since=_SETTLING_S, until=_SURGE_S)
        print(
            f"{name:18} {told.per_second:7.1f}/s answered, {told.part:4.0%} of those asked, median {told.took_s * 1000:5.0f} ms; "
            f"refused in {told.refused_in_s * 1000:4.1f} ms"
        )
    top = Told.of(outcomes, TOP, since=_SETTLING_S, until=_SURGE_S)
    refused_ms = max(Told.of(outcomes, name, since=_SETTLING_S, until=_SURGE_S).refused_in_s for name in CLASSES) * 1000
    # Of what was asked: a generator on a busy machine asks less than it means to.
    kept = top.part / by_itself.part
    print(f"top_class_kept={kept:.2f} refused_ms={refused_ms:.1f} recovered_s={recovered_s:.1f}")


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run_wide.open_run()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_measure(postgres.url_of(postgres.copy_of("gateway.registry", "bench")), Path(folder)))
    finally:
        run_wide.close_run()


if __name__ == "__main__":
    main()
