"""Submissions while processes are killed and the broker restarts: `make intake-under-fire SEED=7`.

Real processes, SIGKILL at moments that the seed chooses, clients that hang up, send twice and come again; then a recount.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from deploy.local import mesh as local
from deploy.local.journey.config import people
from deploy.local.mesh import Mesh
from tests.support.applicants import MATTER, applicants
from tests.support.fire import Journal, Killer, Recount, recounted, submit_all

CLIENTS = 16
SUBMISSIONS = int(os.environ.get("SUBMISSIONS", "10000"))
SEED = os.environ.get("SEED", "2026")
FOLDER = Path(__file__).parents[2] / ".tongban" / "intake-under-fire"


async def _run(mesh: Mesh) -> Recount:
    journal = Journal(FOLDER / "logs" / "journal.txt")
    keys = [f"{SEED}-{number}" for number in range(SUBMISSIONS)]
    async with applicants(mesh, people()[:CLIENTS], FOLDER / "keys" / "parties", matter=MATTER) as known:
        began = time.monotonic()
        with Killer(mesh, seed=SEED) as killer:
            telling = asyncio.create_task(_tell(journal))
            try:
                await submit_all(known, journal, keys, seed=SEED)
            finally:
                telling.cancel()
        print(f"killed in {time.monotonic() - began:.0f} s: {dict(killer.killed)}", flush=True)
    return await recounted(mesh, journal)


async def _tell(journal: Journal) -> None:
    while True:
        await asyncio.sleep(30)
        print(f"  {len(journal.told)} of {SUBMISSIONS} are answered", flush=True)


def main() -> int:
    with local.temporary(FOLDER, with_zipkin=False) as mesh:
        (FOLDER / "keys" / "parties").mkdir()
        print(f"{SUBMISSIONS} submissions by {CLIENTS} clients, SEED={SEED}", flush=True)
        found = asyncio.run(_run(mesh))
    print(found)
    return 0 if found == Recount(SUBMISSIONS, SUBMISSIONS, 0, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
