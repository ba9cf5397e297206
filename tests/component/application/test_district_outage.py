from collections.abc import Callable
from pathlib import Path

from chassis.database import Database
from chassis.sealing import Sealer
from tests.support.district_outage import Scale, World, play, unfinished


async def test_a_district_that_is_down_loses_nothing_keeps_its_order_and_drains_at_its_pace(
    database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    """A small sample of `make district-outage`: its whole day, few moves."""
    database = database_of("services.application")
    moves = Database(database.url, pool_size=1)
    (tmp_path / "data.key").write_text("07" * 32)
    scale = Scale(before=1, down=24, after=1, moves=2, piled=6, per_second=50, districts=4)
    figures = await play(World(database, moves, Sealer.from_file(tmp_path / "data.key"), scale), scale)
    await moves.close()
    assert (figures.lost, figures.out_of_order, await unfinished(database)) == (0, 0, 0)
    assert figures.moves == 26 * 3 * 2 + 2 * 2 + 24 * 8
    assert figures.backlog == 24 * 8
    assert figures.drain_s < 600
    assert figures.most_in_a_second <= scale.per_second + 1, "one more where the network bunches two"
