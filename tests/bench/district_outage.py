"""One of sixteen districts is down for 24 hours: what is lost, whether order holds, what the others notice, how it drains.

The hours are skipped, everything else is real: PostgreSQL with fsync, receivers on sockets, signatures. The last lines are
the figures; the change of the others' p95 compares hours with the outage with hours before and after it.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final

import uvloop

from chassis.database import Database, migrate
from chassis.sealing import Sealer
from deploy.local import postgres
from tests.support.district_outage import DIVISIONS, Outage, Scale, unfinished

PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-district-outage"
SCALE: Final = Scale(before=8, down=24, after=8, moves=2, moves_of_the_down=60)


async def measure(url: str) -> None:
    database, moves = Database(url), Database(url, pool_size=1)
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "data.key"
        key.write_text("07" * 32)
        figures = await Outage(database, moves, Sealer.from_file(key), SCALE).play()
    left = await unfinished(database)
    await database.close()
    await moves.close()
    without, during = figures.p95_ms
    limit = SCALE.per_second
    print(f"districts={len(DIVISIONS)} down_hours={SCALE.down} moves={figures.moves} unfinished={left}")
    print(f"lost={figures.lost} out_of_order={figures.out_of_order} repeated={figures.repeated}")
    print(f"others p95_ms without={without:.0f} with={during:.0f} change={figures.change:+.1%} samples={len(figures.with_outage)}")
    print(f"backlog={figures.backlog} drain_s={figures.drain_s:.0f} limit_per_s={limit} most_in_a_second={figures.most_in_a_second}")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        postgres.create_databases(server.port, PASSWORD, {"application": PASSWORD})
        url = postgres.url(server.port, "application", PASSWORD)
        migrate.upgrade("services.application", url)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(url))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
