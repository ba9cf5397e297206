"""One search, one home page and the channels, over the running mesh."""

import secrets
import time
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from contracts.values import ResidentId
from deploy.client import SignedIn
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.sandbox import registry
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

PARTS: Final = ("profile", "cases", "certificates", "ratings")
_BUSINESS_LICENCE: Final = "11310000TE5T90015G016"
_POLICE: Final = "11310000TE5T013342"
_DEADLINE_S: Final = 0.8
# What a machine that runs tests beside tests may take on top of the deadline of a part.
_PATIENCE_S: Final = 5.0


async def home(who: SignedIn) -> dict[str, Any]:
    answer = await who.get("/home")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def states(said: dict[str, Any]) -> dict[str, str]:
    return {part: said[part]["state"] for part in PARTS}


async def represented(mesh: Mesh, visit: Visit, person: Person) -> SignedIn:
    """The person signed on for a company that they represent."""
    code, company = next(iter(registry.COMPANIES.items()))
    changed = await visit.journey.anybody.put(
        f"{mesh.url('registry')}/sandbox/companies/{code}", json={"representative": {"type": "RIC", "number": person.resident_id}}
    )
    assert changed.status_code == 200, changed.text
    said = {"credit_code": code, "name": company["name"]}
    known = await visit.citizen.post("/organisations/registrations", json=said, idempotency_key=secrets.token_hex(8))
    assert known.status_code == 201, known.text
    return await visit.citizen.acting(known.json()["organisation_id"], kind="organisation")


async def handed_in(visit: Visit, organisation: dict[str, str]) -> str:
    """A licence of the organisation that its issuer gave out before; its id."""
    said = {
        "type": _BUSINESS_LICENCE, "issuer": _POLICE, "organisation": organisation, "number": secrets.token_hex(8),
        "content": {"scope": "软件开发"}, "issued_on": "2026-01-31",
    }  # fmt: skip
    answer = await visit.parties.police.post("/certificates/deposits", json=said, idempotency_key=secrets.token_hex(8))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["certificate_id"])


async def test_the_home_of_a_person_goes_on_without_what_is_away(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        submitted = await submission.submit(visit.journey, visit.citizen, await matter.find(visit.journey, visit.citizen))
        said = await home(visit.citizen)
        assert states(said) == dict.fromkeys(PARTS, "ok")
        assert said["profile"]["data"]["resident_id_masked"] == ResidentId(person.resident_id).masked()
        assert submitted.number in {each["number"] for each in said["cases"]["data"]}
        mesh.kill("rating")
        try:
            started = time.monotonic()
            without = await home(visit.citizen)
            assert time.monotonic() - started < _DEADLINE_S + _PATIENCE_S
            assert states(without) == {**dict.fromkeys(PARTS, "ok"), "ratings": "unavailable"}
            assert without["cases"]["data"] == said["cases"]["data"]
        finally:
            mesh.restart("rating")

        async def is_whole() -> bool:
            return states(await home(visit.citizen)) == dict.fromkeys(PARTS, "ok")

        await eventually(is_whole, within=10)


async def test_the_home_of_an_enterprise(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        code, company = next(iter(registry.COMPANIES.items()))
        company_of = await represented(mesh, visit, person)
        certificate = await handed_in(visit, {"name": company["name"], "credit_code": code})
        said = await home(company_of)
        assert states(said) == dict.fromkeys(PARTS, "ok")
        assert (said["subject"], said["profile"]["data"]["name"]) == ("organisation", company["name"])

        async def shows_it() -> bool:
            return certificate in {each["id"] for each in (await home(company_of))["certificates"]["data"]}

        await eventually(shows_it, within=10)
        assert certificate not in {each["id"] for each in (await home(visit.citizen))["certificates"]["data"]}
        path = f"/certificates/{certificate}"
        assert (await visit.citizen.get(path)).status_code == 404
        assert (await company_of.get(path)).json()["organisation"]["credit_code"] == code
        shown = await company_of.post(f"{path}/presentations", json={"purpose": "窗口核验"})
        assert shown.status_code == 201, shown.text
        seen = await visit.parties.police.post("/presentations/verifications", json={"code": shown.json()["code"], "purpose": "窗口核验"})
        assert (seen.json()["organisation"]["name"], seen.json()["is_signature_valid"]) == (company["name"], True)


async def test_one_search_finds_a_matter_a_guide_and_a_service(mesh: Mesh) -> None:
    async with httpx.AsyncClient(base_url=mesh.gateway_url, trust_env=False) as anybody:
        dog = (await anybody.get("/search", params={"q": "狗证"})).json()
        assert dog["unavailable"] == []
        assert "犬" in dog["matters"]["items"][0]["title_zh"]
        assert len({each["code"] for each in dog["matters"]["items"]}) == len(dog["matters"]["items"])
        assert dog["guides"]["items"][0]["code"].endswith(dog["matters"]["items"][0]["code"])
        assert len(dog["guides"]["items"]) >= len(dog["matters"]["items"])
        code = (await anybody.get("/search", params={"q": "suishenma"})).json()
        assert code["services"]["items"][0]["title_zh"] == "随申码"
        following = await anybody.get("/search", params={"q": "", "kind": "guides", "after": 20})
        first = await anybody.get("/search", params={"q": "", "kind": "guides"})
        assert first.json()["guides"]["next"] == "20"
        assert not {each["code"] for each in first.json()["guides"]["items"]} & {
            each["code"] for each in following.json()["guides"]["items"]
        }


async def test_a_closed_channel_lets_nobody_through_within_two_seconds(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        police, operator = visit.parties.police, visit.parties.operator
        officer = visit.journey.config.operator.officers[0]
        assert (await police.get("/agencies")).status_code == 200
        why = {"zh": "系统检修", "en": "Maintenance"}
        try:
            closed = await operator.post("/channels/department/closure", json=why, officer=officer)
            assert closed.status_code == 200, closed.text

            async def is_refused() -> bool:
                said = await police.get("/agencies")
                return said.status_code == 403 and said.json()["code"] == "channel-closed"

            await eventually(is_refused, within=2)
            assert (await police.get("/agencies")).json()["reason_en"] == "Maintenance"
            assert states(await home(visit.citizen)) == dict.fromkeys(PARTS, "ok")
        finally:
            await _opened_again(mesh, "department")

        async def is_back() -> bool:
            return (await police.get("/agencies")).status_code == 200

        await eventually(is_back, within=2)


async def _opened_again(mesh: Mesh, code: str) -> None:
    """As the approval of a change does it, so that other tests find the mesh as it was."""
    url = make_url(mesh.database_url("gateway"))
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await connection.execute("UPDATE channels SET is_open = true WHERE code = $1", code)
    finally:
        await connection.close()
