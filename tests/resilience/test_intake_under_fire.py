"""Whoever was told a number has one case, whatever was killed meanwhile."""

import os
from pathlib import Path

from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.applicants import MATTER, applicants
from tests.support.fire import Journal, Killer, Recount, recounted, submit_all
from tests.support.whole_mesh import rows

_SEED = os.environ.get("TONGBAN_SEED", "2026")
_SUBMISSIONS = 120


async def test_submissions_under_fire_are_neither_lost_nor_doubled(mesh: Mesh, person: Person, another: Person, tmp_path: Path) -> None:
    journal, keys = Journal(tmp_path / "journal.txt"), [f"fire-{_SEED}-{number}" for number in range(_SUBMISSIONS)]
    [before] = await rows(mesh, "application", "SELECT count(*) FROM cases")
    async with applicants(mesh, [person, another], tmp_path, matter=MATTER) as known:
        with Killer(mesh, seed=_SEED, every_s=(0.2, 1.0)) as killer:
            await submit_all(known, journal, keys, seed=_SEED)
    assert killer.killed
    assert await recounted(mesh, journal, since=before[0]) == Recount(_SUBMISSIONS, _SUBMISSIONS, 0, 0)
