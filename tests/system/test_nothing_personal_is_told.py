"""Numbers, names and phones stay in sealed columns and in the answers meant for them: no log, trace, event or refusal has them."""

import json
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from contracts.topics import SERVICES
from deploy.client import SignOnFailed
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, rows, visiting

_WRONG = "13900000998"


async def _refused(visit: Visit, person: Person) -> list[str]:
    """What is said to registrations and sign-ons that cannot be, each with the person's own data in it."""
    app, said = visit.parties.app, []
    good: dict[str, Any] = {
        "name": person.name,
        "resident_id": person.resident_id,
        "phone": person.phone,
        "sms_code": "000000",
        "second_proof": {"kind": "social_security", "number": person.social_security},
        "password": "correct-horse-battery",
        "accepts_agreement": True,
    }
    spoilt = [{}, {"sms_code": "1"}, {"resident_id": person.resident_id[:-1]}, {"phone": person.phone + "1"}, {"name": f"{person.name}1"}]
    spoilt += [{person.resident_id: person.name}, {"accepts_agreement": person.phone}]
    for change in spoilt:
        answer = await app.post("/registrations", json=good | change)
        assert 400 <= answer.status_code < 500
        said.append(answer.text + json.dumps(dict(answer.headers)))
    for username in (person.phone, person.resident_id, f"{person.resident_id}1", person.name):
        try:
            await app.sign_in(username, "not the password")
        except SignOnFailed as failed:
            said.append(str(failed))
    assert len(said) == len(spoilt) + 4
    return said


async def test_neither_logs_nor_traces_nor_events_nor_refusals_name_a_person(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    before = {file: file.stat().st_size for file in (mesh.folder / "logs").glob("*.log")}
    async with visiting(mesh, person, tmp_path) as visit:
        refusals = await _refused(visit, person)
    secrets = [person.resident_id, person.phone, person.social_security, person.name]
    secrets += [json.dumps(each)[1:-1] for each in secrets if not each.isascii()]

    def told(text: str) -> list[str]:
        return [secret for secret in secrets if secret in text]

    assert [told(each) for each in refusals] == [[] for _ in refusals]
    for name in SERVICES:
        file = mesh.log(name)
        assert told(file.read_bytes()[before.get(file, 0) :].decode()) == [], name
        bodies = await rows(mesh, name, "SELECT body FROM outbox")
        assert told("".join(each["body"] for each in bodies)) == [], name
    assert told(json.dumps([dict(each) for each in await rows(mesh, "gateway", "SELECT * FROM decisions")], default=str)) == []
    assert told(await _traces(mesh)) == []


async def _traces(mesh: Mesh) -> str:
    """All that the viewer has, once the registration is in it."""
    async with httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False) as client:

        async def found() -> str:
            text = (await client.get(f"{mesh.zipkin_url}/api/v2/traces", params={"limit": 500, "lookback": 3_600_000})).text
            return text if "/registrations" in text and "/sign-on" in text else ""

        return await eventually(found, within=30)
