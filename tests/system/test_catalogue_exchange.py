"""The whole catalogue leaves the running mesh through the gateway and comes back as it left."""

import time
from pathlib import Path

from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting


async def test_the_whole_catalogue_is_exported_and_imported_through_the_gateway(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        police = visit.parties.police
        began = time.perf_counter()
        copy = await police.get("/catalogue/export")
        given_s = time.perf_counter() - began
        document = copy.json()
        matters = document["matters"]
        assert len(matters) >= 600
        began = time.perf_counter()
        same = await police.post("/matters/imports", json=document | {"dry_run": True}, officer="ga-001")
        taken_s = time.perf_counter() - began
        print(f"items={len(matters)} bytes={len(copy.content)} export_s={given_s:.1f} dry_run_s={taken_s:.1f}")
        assert same.status_code == 200, same.text[:500]
        found = same.json()
        assert [found[name] for name in ("created", "revised", "unchanged")] == [0, 0, len(matters)]
        assert not any(found["beside"].values())
        matters[0]["promised"]["working_days"], before = 0, matters[0]["promised"]["working_days"]
        document["divisions"], document["agencies"], document["fields"] = [], [], []
        other = (await police.post("/matters/imports", json=document | {"matters": matters[:1], "dry_run": True}, officer="ga-001")).json()
        (change,) = other["changes"]
        assert (change["basic_code"], change["kind"]) == (matters[0]["basic_code"], "revised")
        assert [(each["path"], each["before"], each["after"]) for each in change["parts"]] == [("promised.working_days", before, 0)]
