"""Everyone who looked at a person's data is in their ledger within 5 seconds, with case and purpose, exactly once."""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.client import SignedIn
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, records, visiting

WITHIN_S: Final = 5.0
TOPICS: Final = ("mesh.gateway.v1", "mesh.application.v1", "mesh.certificate.v1")

Look = tuple[str, str, str, str, str | None]
"""In which role, who in words of the ledger or by number, whose answer, why, for which case."""


@dataclass
class Ledger:
    """What the citizen reads of who looked. `told` is what must be in it, no more and no less."""

    citizen: SignedIn
    told: Counter[Look] = field(default_factory=Counter)

    async def entries(self) -> Counter[Look]:
        found, after = Counter[Look](), "0"
        while True:
            page = (await self.citizen.get("/persons/me/accesses", params={"after": after})).json()
            found.update(_look(each) for each in page["items"])
            if page["next"] is None:
                return found
            after = page["next"]

    async def shows(self, call: Callable[[], Awaitable[httpx.Response]], *looks: Look) -> httpx.Response:
        """The answer of a call that is these looks, each of which is there in time, once."""
        answer = await call()
        assert answer.is_success, answer.text
        self.told.update(looks)
        await self.is_right()
        return answer

    async def is_right(self) -> None:
        async def complete() -> bool:
            found = await self.entries()
            assert found == self.told, f"too many: {found - self.told}; missing: {self.told - found}"
            return True

        await eventually(complete, within=WITHIN_S)


def _look(entry: dict[str, Any]) -> Look:
    who = entry["officer"] or (entry["who"] if entry["by"] == "service" else "")
    return entry["by"], who, entry["owner"], entry["purpose"], entry["case_number"]


def own(owner: str, purpose: str, case: str | None = None) -> Look:
    return "self", "", owner, purpose, case


async def begun(visit: Visit) -> Ledger:
    """A ledger from here on: a look that was never made before comes after all that were."""
    ledger = Ledger(visit.citizen)
    certificate = (await visit.citizen.get("/certificates")).json()[0]["id"]
    assert (await visit.citizen.get(f"/certificates/{certificate}")).is_success

    async def is_there() -> bool:
        ledger.told = await ledger.entries()
        return ledger.told[own("certificate", "certificate")] == 1

    await eventually(is_there, within=WITHIN_S)
    return ledger


async def test_every_way_of_looking_is_in_the_ledger_in_time_and_once(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        citizen, window = visit.citizen, visit.parties.window
        chosen = await matter.find(visit.journey, citizen)
        ledger = await begun(visit)
        me = await ledger.shows(lambda: citizen.get("/persons/me"), own("identity", "account"))
        card = (await citizen.get("/certificates")).json()[0]["id"]
        await ledger.shows(lambda: citizen.get(f"/certificates/{card}"), own("certificate", "certificate"))
        form = await ledger.shows(
            lambda: citizen.get(f"/matters/{chosen.task_code}/form"), own("application", f"预填表单 prefill {chosen.task_code}")
        )

        # Application asks identity (the profile, and whether a commitment is believed, at once) and certificate for itself: each answer is a
        # look of its own.
        wanted, key = await _body(visit, form.json()), secrets.token_hex(8)
        case = (await citizen.post("/cases", json=wanted, idempotency_key=key)).json()["number"]
        intake = "统一受理服务 case intake"
        ledger.told.update(
            [
                own("application", case, case),
                ("service", intake, "identity", case, case),
                ("service", intake, "certificate", case, case),
                ("service", intake, "certificate", case, case),
            ]
        )
        await ledger.is_right()

        by_officer = ("officer", "hp-001", "application", case, case)
        dossier = await ledger.shows(lambda: window.get(f"/cases/{case}/dossier"), by_officer)
        [file_id] = [each["file"]["file_id"] for each in dossier.json()["materials"] if each["file"]]
        await ledger.shows(lambda: window.get(f"/cases/{case}/files/{file_id}"), by_officer)

        code = (await citizen.post(f"/certificates/{card}/presentations", json={"purpose": "窗口核验"})).json()["code"]
        seen = ("officer", "hp-001", "certificate", "窗口核验身份证", None)
        await ledger.shows(lambda: window.post("/presentations/verifications", json={"code": code, "purpose": "窗口核验身份证"}), seen)

        # A grant makes certificate ask application for what was earned.
        for act, body, officer in (("acceptance", None, "hp-001"), ("decision", {"outcome": "grant"}, "hp-002")):
            path = f"/cases/{case}/{act}"
            answer = await window.post(path, json=body, officer=officer, idempotency_key=secrets.token_hex(8))
            assert answer.is_success, answer.text
        ledger.told["service", "电子证照服务 certificates", "application", case, case] += 1
        await ledger.is_right()

        masked = await ledger.shows(lambda: citizen.get("/persons/me/file"), own("identity", "查阅档案 own file"))
        await ledger.shows(lambda: citizen.get("/persons/me/file/revealed"), own("identity", "查阅档案 own file"))
        export = await ledger.shows(lambda: citizen.get("/persons/me/export"), own("identity", "导出档案 export of own file"))
        _is_the_file(masked, export, person, case)

        for topic in TOPICS:
            await _redelivered(mesh, topic, me.json()["person_id"])
        await ledger.is_right()
        assert await _of_case(citizen, case) == sum(count for look, count in ledger.told.items() if look[-1] == case)


async def test_what_is_withdrawn_is_out_of_sight_at_once(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        citizen, window = visit.citizen, visit.parties.window
        case = (await submission.submit(visit.journey, citizen, await matter.find(visit.journey, citizen))).number
        given = (await citizen.get("/persons/me/consents")).json()
        [consent] = [each for each in given["items"] if each["case_number"] == case]
        assert given["is_complete"]
        path = f"/persons/me/consents/{consent['consent_id']}"
        assert (await citizen.app.request("DELETE", path, token=citizen.access_token)).status_code == 204
        materials = (await window.get(f"/cases/{case}/dossier")).json()["materials"]
        assert [(each["is_withdrawn"], each["content"]) for each in materials if each["how"] == "certificate"] == [(True, None)]
        [after] = [each for each in (await citizen.get("/persons/me/consents")).json()["items"] if each["case_number"] == case]
        assert after["withdrawn_at"]


async def _body(visit: Visit, form: dict[str, Any]) -> dict[str, Any]:
    picture = await submission.upload(visit.journey, visit.citizen, submission.WIDE)
    materials = submission._materials(form, picture, "办理犬类准养证")
    return {
        "task_code": form["task_code"],
        "version": form["version"],
        "values": submission._answers(visit.journey),
        "materials": materials,
    }


def _is_the_file(masked: httpx.Response, export: httpx.Response, person: Person, case: str) -> None:
    shown, full = masked.json(), export.json()
    assert (shown["is_complete"], full["is_complete"]) == (True, True)
    assert [each["id"] for each in full["sections"]["cases"]["records"]] == [case]
    assert len(full["sections"]["certificates"]["records"]) >= 1
    for secret in (person.name, person.resident_id, person.phone):
        assert secret in export.text
        assert secret not in masked.text
    assert export.headers["content-disposition"].startswith("attachment")


async def _redelivered(mesh: Mesh, topic: str, person_id: str) -> None:
    """Everything of the person that the topic holds comes a second time, and identity is done with it."""
    again = [each for each in await records(mesh, topic) if each.value and person_id.encode() in each.value]
    assert again or topic != TOPICS[0]
    async with AIOKafkaProducer(bootstrap_servers=mesh.kafka_servers) as producer:
        for each in again:
            await producer.send_and_wait(topic, each.value, key=each.key, headers=list(each.headers))

    async def is_read() -> bool:
        async with AIOKafkaConsumer(bootstrap_servers=mesh.kafka_servers, group_id="identity") as group:
            partitions = [TopicPartition(topic, each) for each in range(3)]
            ends = await group.end_offsets(partitions)
            return all([(await group.committed(each) or 0) >= end for each, end in ends.items()])

    await eventually(is_read, within=30)


async def _of_case(citizen: SignedIn, case: str) -> int:
    page = (await citizen.get("/persons/me/accesses", params={"case_number": case})).json()
    assert {each["case_number"] for each in page["items"]} == {case}
    return len(page["items"])
