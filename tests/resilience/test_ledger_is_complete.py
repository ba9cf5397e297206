"""Identity may be killed at any moment: a look that took place is in the ledger, once."""

import asyncio
from pathlib import Path

from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import rows, visiting

_LOOKS = 20
_COUNTED = "SELECT purpose, count(*) AS looks FROM accesses WHERE purpose LIKE '核验 %' GROUP BY purpose"


async def test_no_look_is_lost_or_doubled_when_the_ledger_s_keeper_is_killed(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        certificate = (await visit.citizen.get("/certificates")).json()[0]["id"]

        async def verified(number: int) -> None:
            shown = await visit.citizen.post(f"/certificates/{certificate}/presentations", json={"purpose": "窗口核验"})
            body = {"code": shown.json()["code"], "purpose": f"核验 {number}"}
            answer = await visit.parties.window.post("/presentations/verifications", json=body)
            assert answer.status_code == 200, answer.text

        # Killed while it takes in the first ones; the others take place without it.
        for number in range(_LOOKS):
            if number == _LOOKS // 2:
                await asyncio.to_thread(mesh.kill, "identity")
            await verified(number)
        await asyncio.to_thread(mesh.restart, "identity")

        async def all_are_there() -> bool:
            return len(await rows(mesh, "identity", _COUNTED)) == _LOOKS

        await eventually(all_are_there, within=60)
        assert {each["looks"] for each in await rows(mesh, "identity", _COUNTED)} == {1}
