"""A city's catalogue in and out: submitted by one officer, published by another, and copied, on a PostgreSQL of its own; with the
argument `gateway` through the gateway of a whole mesh, which has the seed already, by signed requests of two officers.

The last line is `items=2500 import_s=<..> export_s=<..>`, seconds of the wall. Before it, the processor's seconds of the
service alone: what others take of the machine is not in them.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from httpx import Response

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from chassis.http import CallerFacts
from contracts.values import OfficerId, PartyId
from deploy.client import TongbanClient
from deploy.local import mesh as local
from deploy.local import postgres
from services.catalogue import app
from services.catalogue.domain.spreadsheets.workbook import MEDIA_TYPE
from services.catalogue.settings import CatalogueSettings
from tests.support import many_matters
from tests.support.service import EVERYTHING, Door, settings_of

ITEMS: Final = int(os.environ.get("ITEMS", "2500"))
PASSWORD: Final = "postgres"
FOLDER: Final = Path(__file__).parents[2] / ".tongban" / "bench-import"


class Timed:
    """Asks the service and says how long it took, by the wall and by this process."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._facts = CallerFacts("gateway", party=PartyId.new(), party_kind="department", permissions=EVERYTHING)
        self.wall_s: dict[str, float] = {}

    async def ask(self, what: str, method: str, path: str, officer: str = "db-001", **body: Any) -> Any:
        facts = replace(self._facts, officer=OfficerId(officer))
        wall, cpu = time.perf_counter(), time.process_time()
        answer = await self._door.call(method, path, facts=facts, **body)
        self.wall_s[what] = time.perf_counter() - wall
        print(f"{what:<20} wall_s={self.wall_s[what]:.2f} cpu_s={time.process_time() - cpu:.2f} bytes={len(answer.content)}")
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text[:500]}")
        return answer


async def measure(database_url: str) -> None:
    database = Database(database_url)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(CatalogueSettings, database, Path(folder))
        timed = Timed(Door(app.create(settings, database, SystemClock()), "catalogue"))
        waiting = (await timed.ask("submit", "POST", "/matters/imports", json=many_matters.document(ITEMS))).json()
        review = {"digest": waiting["digest"], "outcome": "publish"}
        await timed.ask("publish", "POST", f"/matters/imports/{waiting['id']}/review", "db-002", json=review)
        copy = await timed.ask("export json", "GET", "/catalogue/export")
        again = await timed.ask("dry run json", "POST", "/matters/imports", json=copy.json() | {"dry_run": True})
        book = await timed.ask("export xlsx", "GET", "/catalogue/export?format=xlsx")
        path = "/matters/imports/spreadsheets?dry_run=true"
        same = await timed.ask("dry run xlsx", "POST", path, content=book.content, media_type=MEDIA_TYPE)
    await database.close()
    print(f"unchanged json={again.json()['unchanged']} xlsx={same.json()['unchanged']}")
    import_s = timed.wall_s["submit"] + timed.wall_s["publish"]
    print(f"items={ITEMS} import_s={import_s:.1f} export_s={timed.wall_s['export json']:.1f}")


async def measure_mesh(gateway_url: str, party: dict[str, Any], key: bytes) -> None:
    """What the mesh has from its seed stays unchanged; the rest of the items is new."""
    first, second = party["officers"][:2]
    document = many_matters.document(ITEMS)
    async with TongbanClient(gateway_url, party["id"], key, officer=first) as department:
        began = time.perf_counter()
        waiting = _answered(await department.post("/matters/imports", json=document)).json()
        submitted_s = time.perf_counter() - began
        review = {"digest": waiting["digest"], "outcome": "publish"}
        _answered(await department.post(f"/matters/imports/{waiting['id']}/review", json=review, officer=second))
        import_s, began = time.perf_counter() - began, time.perf_counter()
        copy = _answered(await department.get("/catalogue/export"))
        export_s = time.perf_counter() - began
        again = _answered(await department.post("/matters/imports", json=copy.json() | {"dry_run": True})).json()
    print(f"submitted_s={submitted_s:.1f} created={waiting['created']} bytes={len(copy.content)} unchanged={again['unchanged']}")
    print(f"items={ITEMS} import_s={import_s:.1f} export_s={export_s:.1f}")


def _answered(answer: Response) -> Response:
    if answer.status_code != 200:
        raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:500]}")
    return answer


def through_gateway() -> None:
    with local.temporary(FOLDER / "mesh", durable=True) as mesh:
        party = json.loads(mesh.journey_config().read_text())["police"]
        asyncio.run(measure_mesh(mesh.url("gateway"), party, Path(party["key_file"]).read_bytes()))


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    server = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    try:
        postgres.create_databases(server.port, PASSWORD, {"catalogue": PASSWORD})
        url = postgres.url(server.port, "catalogue", PASSWORD)
        migrate.upgrade("services.catalogue", url)
        asyncio.run(measure(url))
    finally:
        server.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    through_gateway() if sys.argv[1:] == ["gateway"] else main()
