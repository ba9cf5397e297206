"""What follows from a grant through the whole mesh: who supervises says that it has it, and a revocation reaches the certificate."""

import secrets
from pathlib import Path
from typing import Any

import httpx

from deploy.client import TongbanClient
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, rows, visiting


async def act(window: TongbanClient, case: str, path: str, officer: str, **body: Any) -> httpx.Response:
    answer = await window.post(f"/cases/{case}/{path}", json=body or None, officer=officer, idempotency_key=secrets.token_hex(8))
    assert answer.is_success, answer.text
    return answer


async def granted(visit: Visit) -> tuple[str, str]:
    """A dog licence: the number of its case, and its certificate."""
    citizen = visit.citizen
    case = (await submission.submit(visit.journey, citizen, await matter.find(visit.journey, citizen))).number
    await act(visit.parties.window, case, "acceptance", "hp-001")
    await act(visit.parties.window, case, "decision", "hp-002", outcome="grant")

    async def certificate() -> str | None:
        held = (await citizen.get("/certificates")).json()
        return next((each["id"] for each in held if each["case_number"] == case), None)

    return case, str(await eventually(certificate, within=30))


async def test_a_grant_is_received_by_who_supervises_and_its_revocation_ends_the_certificate(
    mesh: Mesh, person: Person, tmp_path: Path
) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        citizen, window, bureau = visit.citizen, visit.parties.window, visit.parties.police
        case, certificate = await granted(visit)

        async def notices() -> list[dict[str, Any]]:
            waiting = (await bureau.get("/permit-notices", params={"waiting": "true"})).json()["items"]
            return [each for each in waiting if each["number"] == case]

        [grant] = await notices()
        assert grant["kind"] == "grant"
        path = f"/permit-notices/{grant['notice_id']}/receipt"
        receipt = await bureau.post(path, json=None, officer="ga-001", idempotency_key=secrets.token_hex(8))
        assert (receipt.status_code, receipt.json()["received_by"]) == (200, "ga-001"), receipt.text
        assert await notices() == []

        shown = await citizen.post(f"/certificates/{certificate}/presentations", json={"purpose": "示例"})
        await act(window, case, "permit-amendments", "hp-002", kind="revocation", reason="示例·免疫证明系伪造")

        async def state() -> bool:
            return bool((await citizen.get(f"/certificates/{certificate}")).json()["state"] == "revoked")

        await eventually(state, within=30)
        verified = await window.post("/presentations/verifications", json={"code": shown.json()["code"], "purpose": "示例"})
        assert (verified.status_code, verified.json()["state"]) == (200, "revoked"), verified.text
        again = await citizen.post(f"/certificates/{certificate}/presentations", json={"purpose": "示例"})
        assert (again.status_code, again.json()["code"]) == (409, "certificate-not-usable")
        assert [each["kind"] for each in await notices()] == ["revocation"]
    told = await rows(mesh, "certificate", "SELECT type FROM outbox WHERE type = 'certificate.state_changed' AND key = $1", case)
    assert len(told) == 1
