"""Packages of the seed, drafted by one officer and published by another, over the running mesh."""

from pathlib import Path

from deploy.local import seed
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting


async def test_a_citizen_finds_the_package_of_a_birth_and_its_one_form(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        found = (await visit.citizen.get("/matters/search", params={"q": "生娃"})).json()["items"]
        assert (found[0]["kind"], found[0]["name"]) == ("package", "新生儿出生一件事")
        listed = (await visit.citizen.get("/packages", params={})).json()["items"]
        assert len(listed) == len(seed.packages())
        plan = await visit.citizen.get(f"/packages/{found[0]['code']}/plan", params={"situation": "married.hospital.insured"})
        assert plan.status_code == 200, plan.text
        assert plan.json()["removed"] >= 0.4
        draft = await visit.citizen.get("/packages/newborn/draft")
        assert draft.status_code == 403
