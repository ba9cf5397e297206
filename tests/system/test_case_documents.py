"""What was decided in writing reaches the citizen and the district through the gateway, sealed."""

import base64
import hashlib
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import visiting


async def test_a_refusal_is_read_as_a_sealed_pdf_and_as_text_by_both_sides(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        citizen, window = visit.citizen, visit.parties.window
        case = (await submission.submit(visit.journey, citizen, await matter.find(visit.journey, citizen))).number
        for act, body, officer in (
            ("acceptance", None, "hp-001"),
            ("decision", {"outcome": "refuse", "reason": "示例·不符合条件"}, "hp-002"),
        ):
            answer = await window.post(f"/cases/{case}/{act}", json=body, officer=officer, idempotency_key=secrets.token_hex(8))
            assert answer.is_success, answer.text
        listed = (await citizen.get(f"/cases/{case}/documents")).json()["items"]
        assert [each["kind"] for each in listed] == ["acceptance", "denial"]
        denial, seal = listed[1], listed[1]["seal"]
        sheet = await citizen.get(f"/cases/{case}/documents/{denial['id']}")
        assert sheet.headers["content-type"] == "application/pdf"
        assert hashlib.sha256(sheet.content).hexdigest() == seal["sha256"]
        key = load_pem_public_key(seal["public_key"].encode())
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(base64.b64decode(seal["signature"]), sheet.content, ec.ECDSA(SHA256()))
        text = (await citizen.get(f"/cases/{case}/documents/{denial['id']}", params={"format": "text"})).text
        for part in (denial["number"], "示例·不符合条件", "行政复议", "行政诉讼"):
            assert part in text
        theirs = await window.get(f"/cases/{case}/dossier/documents/{denial['id']}")
        assert theirs.content == sheet.content
