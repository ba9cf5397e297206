"""One of sixteen districts is down for 24 hours: what is lost, whether order holds, what the others notice, how it drains.

The hours are skipped, everything else is real: PostgreSQL with fsync, receivers on sockets, signatures. Beside the districts of
which one is down the same districts live in a second database where none is; their hours are played in turns, now the one world
first, now the other, with the same moves in both, so that what else the machine does cancels out. The last lines are the figures:
`others_p95_change_pct` is the median of how much the other districts' p95 of an hour, from commit to arrival, differs between the
two worlds: a burst of other work on the machine spoils one hour, and not the figure. Beside it stands the change over all hours.
"""

import asyncio
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Final

import uvloop

from chassis.database import Database, migrate
from chassis.sealing import Sealer
from deploy.local import postgres
from tests.support.district_outage import DIVISIONS, Scale, World, play, unfinished

PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-district-outage"
WORLDS: Final = ("outage", "control")
SCALE: Final = Scale(before=2, down=24, after=1, moves=4, piled=60)


async def measure(urls: list[str]) -> None:
    databases = [(Database(url), Database(url, pool_size=1)) for url in urls]
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "data.key"
        key.write_text("07" * 32)
        sealer = Sealer.from_file(key)
        world, control = (World(database, moves, sealer, SCALE) for database, moves in databases)
        figures = await play(world, SCALE, control)
    left = await unfinished(databases[0][0])
    for pair in databases:
        for each in pair:
            await each.close()
    without, during = figures.p95_ms
    print(f"districts={len(DIVISIONS)} down_hours={SCALE.down} moves={figures.moves} unfinished={left}")
    print(f"lost={figures.lost} out_of_order={figures.out_of_order} repeated={figures.repeated}")
    print(f"others_p95_ms without={without:.1f} with={during:.1f} over all hours, change_pct={(during / without - 1) * 100:+.1f}")
    changes = figures.changes_pct
    print(f"others_p95_change_pct={statistics.median(changes):+.1f} hours={len(changes)} samples={sum(map(len, figures.with_outage))}")
    print(
        f"backlog={figures.backlog} drain_s={figures.drain_s:.0f} limit_per_s={SCALE.per_second} most_in_a_second={figures.most_in_a_second}"
    )


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        postgres.create_databases(server.port, PASSWORD, dict.fromkeys(WORLDS, PASSWORD))
        urls = [postgres.url(server.port, name, PASSWORD) for name in WORLDS]
        for url in urls:
            migrate.upgrade("services.application", url)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(urls))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
