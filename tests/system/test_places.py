"""Lists, metrics and service points over the running mesh: who may read them, and who may change a point."""

from pathlib import Path

from deploy.local import seed
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting

HALL = "hall-310101-1"


async def test_everybody_reads_lists_and_points_and_a_district_keeps_its_own(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    points = {each["code"]: each for each in seed.points()["points"]}
    # The window is one of the district where the person lives.
    own, others = f"hall-{person.division}-1", "310104" if person.division == "310101" else "310101"
    hall, kiosk = points[own], points[f"kiosk-{others}-2"]
    async with visiting(mesh, person, tmp_path) as visit:
        listed = (await visit.citizen.get("/lists/zero-visit?division=310101")).json()
        assert (listed["division"], listed["total"] > 0) == ("310101", True)
        metrics = (await visit.citizen.get("/metrics/catalogue")).json()["metrics"]
        assert all(each["denominator"] for each in metrics if each["unavailable"] is None)
        near = (await visit.citizen.get("/service-points?near=121.4846,31.2318&kind=hall")).json()["items"]
        assert (near[0]["point"]["code"], near[0]["distance_m"]) == (HALL, 0)

        moved = await visit.parties.window.post("/service-points/imports", json={"points": [hall | {"phone": "示例"}]})
        assert moved.status_code == 200, moved.text
        assert moved.json()["changed"] == 1
        foreign = await visit.parties.window.post("/service-points/imports", json={"points": [kiosk | {"phone": "示例"}]})
        assert (foreign.status_code, foreign.json()["code"]) == (422, "import-refused")
        back = await visit.parties.police.post("/service-points/imports", json={"points": [hall]})
        assert (back.status_code, back.json()["changed"]) == (200, 1), back.text
        changes = (await visit.parties.window.get(f"/service-points/{own}/changes")).json()
        assert [(each["before"]["phone"], each["after"]["phone"]) for each in changes[:2]] == [("示例", None), (None, "示例")]
        assert len({each["party"] for each in changes[:2]}) == 2
        stranger = await visit.citizen.post("/service-points/imports", json={"points": [hall]})
        assert (stranger.status_code, stranger.json()["code"]) == (403, "permission-not-granted")
