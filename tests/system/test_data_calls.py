"""A district verifies a case's data with the agency that has it: authorised by its supplier, answered with source and time, and in
the holder's own ledger within 5 seconds; outside the scene nothing is asked, and a supplier that is down is named."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from chassis.working_days import local_day
from contracts.values import PartyId
from deploy.client import SignedIn, TongbanClient
from deploy.local import keys
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.onboarding import onboard
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

CIVIL: Final = "11310000TE5T01350P"
MARRIAGE, HOUSING, EDUCATION = "marriage-registration", "public-housing-tenancy", "education-degree"
WITHIN_S: Final = 5.0


@asynccontextmanager
async def agency(visit: Visit, code: str, folder: Path) -> AsyncIterator[TongbanClient]:
    """The system of the agency that supplies."""
    operator, officers = visit.parties.operator, visit.journey.config.operator.officers
    key = keys.private_key(folder / f"{code}.pem")
    wanted = {"name": "示例·数据提供方 supplier", "kind": "department", "agency": code, "officers": ["sj-001", "sj-002"]}
    party = (await onboard(operator, officers, wanted, jwks=[keys.public_jwk(key)], once=f"supplier-{PartyId.new()}"))["id"]
    async with TongbanClient(visit.journey.config.gateway_url, party, key.read_bytes(), officer="sj-001") as client:

        async def is_known() -> bool:
            return (await client.get("/data-items")).status_code == 200

        await eventually(is_known)
        yield client


async def authorised(visit: Visit, supplier: TongbanClient) -> str:
    """A scene for the district's case, agreed to by the supplier of what is conditional and by the platform for the rest."""
    operator, second = visit.parties.operator, visit.journey.config.operator.officers[1]
    today = local_day(datetime.now(UTC))
    wanted = {
        "name": "示例·犬类准养证受理核验",
        "matters": ["310101900000"],
        "items": [
            {"item": MARRIAGE, "mode": "verify", "fields": ["marital_status"]},
            {"item": HOUSING, "mode": "verify", "fields": ["rents_public_housing"]},
        ],
        "purpose": "示例·核验申报信息",
        "basis": "示例：依据待实施主体核定",
        "provenance": "illustrative",
        "daily_cap": 20,
        "valid_from": str(today - timedelta(days=1)),
        "valid_to": str(today + timedelta(days=30)),
    }
    applied = await visit.parties.window.post("/scenes", json=wanted, idempotency_key=secrets.token_hex(8))
    assert applied.status_code == 201, applied.text
    scene = applied.json()
    assert scene["awaits"] == [CIVIL, "operator"]
    path, approve = f"/scenes/{scene['id']}/answers", {"outcome": "approve"}
    assert (await supplier.post(path, json=approve)).json()["state"] == "applied"
    assert (await operator.post(path, json=approve, officer=second)).json()["state"] == "approved"
    return str(scene["id"])


async def looks(citizen: SignedIn, case: str) -> list[dict[str, Any]]:
    page = (await citizen.get("/persons/me/accesses", params={"case_number": case})).json()
    return [each for each in page["items"] if each["owner"] == "gateway"]


async def test_a_district_verifies_a_live_case_and_the_holder_reads_of_it(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit, agency(visit, CIVIL, tmp_path) as supplier:
        citizen, window, elsewhere = visit.citizen, visit.parties.window, visit.parties.elsewhere
        case = (await submission.submit(visit.journey, citizen, await matter.find(visit.journey, citizen))).number
        scene = await authorised(visit, supplier)

        async def verify(item: str, client: TongbanClient = window, scene_id: str = scene, **claims: Any) -> httpx.Response:
            return await client.post(f"/cases/{case}/data-items/{item}/verifications", json={"scene": scene_id, "claims": claims})

        expected = "已婚" if person.resident_id.endswith("X") else "未婚"
        answer = await verify(MARRIAGE, marital_status=expected)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["matches"], answer.json()["source"]) == ({"marital_status": True}, "示例·市民政局")
        assert answer.json()["as_of"] < answer.json()["asked_at"]

        async def is_in_the_ledger() -> bool:
            return [(each["officer"], each["purpose"]) for each in await looks(citizen, case)] == [("hp-001", "示例·核验申报信息")]

        await eventually(is_in_the_ledger, within=WITHIN_S)
        [look] = await looks(citizen, case)
        assert look["items"] == ["示例·市民政局 示例·婚姻登记核验：婚姻状况"]

        # A district's own supplier and a national base are peers; the second is in no scene here.
        district = await verify(HOUSING, rents_public_housing=not person.resident_id.endswith("X"))
        assert (district.json().get("matches"), district.json().get("source")) == ({"rents_public_housing": False}, "示例·黄浦区行政审批局")
        for refused, rule in (
            (await verify(EDUCATION, degree="x"), "item-outside-scene"),
            (await verify(MARRIAGE, client=elsewhere, marital_status="x"), "no-scene"),
            (await verify(MARRIAGE, registered_at="x"), "field-outside-scene"),
            (
                await window.post(f"/cases/{case}/data-items/{MARRIAGE}/queries", json={"scene": scene, "fields": ["marital_status"]}),
                "verify-preferred",
            ),
        ):
            assert (refused.status_code, refused.json()["rule"]) == (403, rule), refused.text

        async with httpx.AsyncClient(trust_env=False) as sandbox:
            await sandbox.put(f"{mesh.url('supplier')}/sandbox/manners", json={"is_down": True})
            try:
                away = await verify(MARRIAGE, marital_status=expected)
            finally:
                await sandbox.put(f"{mesh.url('supplier')}/sandbox/manners", json={"is_down": False})
        assert (away.status_code, away.json()["code"], away.json()["supplier"]) == (503, "supplier-away", "示例·市民政局")

        revoked = await supplier.post(f"/scenes/{scene}/revocation", json={"reason": "示例"})
        assert revoked.json()["state"] == "revoked"
        assert (await verify(MARRIAGE, marital_status=expected)).json()["rule"] == "scene-revoked"

        async def are_two() -> bool:
            return len(await looks(citizen, case)) == 2

        await eventually(are_two, within=WITHIN_S)


async def test_certificate_types_of_the_seed_are_resources_of_the_gateway(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        operator, first = visit.parties.operator, visit.journey.config.operator.officers[0]

        async def all_there() -> bool:
            return len((await operator.get("/resources/certificate-types", officer=first)).json()) >= 20

        await eventually(all_there)
        catalogue = (await visit.parties.window.get("/data-catalogue")).json()
        assert {each["kind"] for each in catalogue} == {"data-item", "certificate-type"}
        levels = {each["level"] for each in catalogue if each["kind"] == "data-item"}
        assert levels == {"national", "city", "district"}
