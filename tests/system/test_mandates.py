"""Acting for others over the running mesh: a helper by mandate, a guardian for a child, and the end of both at the door."""

import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.client import SignedIn, SignOnFailed
from deploy.local.journey import submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.pictures import png
from deploy.local.sandbox import population
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

_REVOKED_WITHIN_S = 5.0
# Two matters of the seed that persons apply for.
DOG, OTHER_MATTER = "310101900000", "310102912000"


async def given(grantor: Visit, agent: Visit, person: Person, **changes: Any) -> str:
    """An accepted mandate of a helper."""
    ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    said = {"kind": "helper", "agent": {"name": person.name, "phone": person.phone}, "ends_at": ends_at, **changes}
    answer = await grantor.citizen.post("/mandates", json=said, idempotency_key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.text
    mandate = str(answer.json()["mandate_id"])
    assert (await agent.citizen.post(f"/mandates/{mandate}/acceptance")).status_code == 200
    return mandate


async def submitted(acting: SignedIn, task_code: str) -> httpx.Response:
    form = (await acting.get(f"/matters/{task_code}/form")).json()
    held = {each["code"]: each for each in form["materials"] if each["how"] == "held"}
    picture = png(submission.WIDE, submission.WIDE)
    stored = await acting.post("/files", content=picture, media_type="image/png")
    assert stored.status_code == 201, stored.text
    materials: list[dict[str, Any]] = [
        {"code": code, "certificate": {"certificate_id": each["certificate_id"], "purpose": "代办", "consent": True}}
        for code, each in held.items()
    ]
    uploads = [each for each in form["materials"] if each["how"] == "upload" and each["is_required"]]
    materials += [{"code": each["code"], "file_id": stored.json()["file_id"]} for each in uploads]
    values = {each["name"]: _filled(form, each["name"]) for each in form["fields"] if each["value"] is None}
    said = {"task_code": task_code, "version": form["version"], "values": values, "materials": materials}
    return await acting.post("/cases", json=said, idempotency_key=secrets.token_hex(8))


def _filled(form: dict[str, Any], name: str) -> str:
    return "2026-05-01" if "pattern" in form["form_schema"]["properties"][name] else "示例"


async def task_of(visit: Visit, basic: str) -> str:
    found = (await visit.citizen.get("/matters", params={"q": "犬"})).json()["items"]
    return next(str(each["task_code"]) for each in found if each["task_code"].endswith(basic) and each["division"] == "310101")


async def refused_within_five_seconds(acting: SignedIn, *paths: str) -> float:
    """How long it took until every path was refused."""
    started = time.monotonic()

    async def is_refused() -> bool:
        return all([(await acting.get(path)).status_code == 401 for path in paths])

    await eventually(is_refused, within=_REVOKED_WITHIN_S)
    return time.monotonic() - started


async def test_a_helper_submits_within_the_mandate_until_it_is_revoked(mesh: Mesh, person: Person, another: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as grantor, visiting(mesh, another, tmp_path) as agent:
        mandate = await given(grantor, agent, another, matters=[DOG])
        acting = await agent.citizen.acting(mandate)
        task = await task_of(grantor, DOG)

        answer = await submitted(acting, task)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        mine = (await grantor.citizen.get(f"/cases/{number}")).json()
        assert (mine["mandate_id"], mine["steps"][0]["by"]) == (mandate, "代办人 by mandate")
        assert (await agent.citizen.get(f"/cases/{number}")).status_code == 404, "a helper's own cases are their own"
        assert (await acting.get(f"/cases/{number}")).status_code == 200

        alone = await acting.get("/persons/me")
        assert (alone.status_code, alone.json()["code"]) == (403, "not-by-mandate")
        assert (await acting.get("/certificates")).status_code == 403

        async def grantor_sees_who_looked() -> bool:
            seen = (await grantor.citizen.get("/persons/me/accesses")).json()["items"]
            return any(each["case_number"] == number and each["items"] == ["办件 case"] for each in seen)

        await eventually(grantor_sees_who_looked, within=_REVOKED_WITHIN_S)

        assert (await grantor.citizen.delete(f"/mandates/{mandate}")).status_code == 204
        took = await refused_within_five_seconds(acting, f"/cases/{number}", "/cases", f"/matters/{task}/form")
        print(f"a revoked mandate was refused everywhere after {took:.2f} s")
        assert (await agent.citizen.get("/cases")).status_code == 200, "the helper's own sign-on goes on"
        with pytest.raises(SignOnFailed):
            await agent.citizen.acting(mandate)


async def test_a_helper_stays_within_the_matters(mesh: Mesh, person: Person, another: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as grantor, visiting(mesh, another, tmp_path) as agent:
        acting = await agent.citizen.acting(await given(grantor, agent, another, matters=[OTHER_MATTER]))
        task = await task_of(grantor, DOG)
        refused = await acting.get(f"/matters/{task}/form")
        assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")
        said = {"task_code": task, "version": 1, "values": {}, "materials": []}
        refused = await acting.post("/cases", json=said, idempotency_key="outside")
        assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")
        own = await submitted(grantor.citizen, task)
        assert own.status_code == 201
        assert (await acting.get("/cases")).json()["items"] == []
        assert (await acting.get(f"/cases/{own.json()['number']}")).status_code == 404


async def test_a_guardian_acts_for_a_child_and_loses_that_with_the_guardianship(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    children = [each for each in population.CHILDREN.values() if each["guardian"] == person.resident_id]
    child = max(children, key=lambda each: each["resident_id"][6:14])
    async with visiting(mesh, person, tmp_path) as guardian:
        said = {"name": child["name"], "resident_id": child["resident_id"]}
        answer = await guardian.citizen.post("/guardianships", json=said, idempotency_key="child")
        assert answer.status_code == 201, answer.text
        mandate = answer.json()["mandate_id"]
        acting = await guardian.citizen.acting(mandate)
        form = (await acting.get(f"/matters/{await task_of(guardian, DOG)}/form")).json()
        assert {each["name"]: each["value"] for each in form["fields"]}["applicant_name"] == child["name"]
        assert (await acting.get("/cases")).json()["items"] == []

        async with httpx.AsyncClient(trust_env=False) as court:
            base = mesh.url("population")
            assert (await court.delete(f"{base}/sandbox/guardianships/{child['resident_id']}")).status_code == 204
        with pytest.raises(SignOnFailed):
            await guardian.citizen.acting(mandate)
        await refused_within_five_seconds(acting, "/cases")
        listed = json.loads((await guardian.citizen.get("/mandates")).text)
        assert [each["state"] for each in listed["held"]] == ["revoked"]
