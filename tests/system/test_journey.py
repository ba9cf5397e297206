"""The main job, as anybody would run it."""

import asyncio
import re
import sys

from contracts.values import CaseNumber, CertificateIdentifier, RatingId
from deploy.local.install import ROOT
from deploy.local.journey.config import Person
from deploy.local.journey.parties import OFFICERS
from deploy.local.mesh import Mesh
from tests.support.whole_mesh import rows

_LAST_LINE = re.compile(r"journey: ok steps=(\d+) case=(\S+) certificate=(\S+) rating=(\S+) trace=([0-9a-f]{32})")


async def _told(mesh: Mesh, person: Person) -> tuple[int, str, str]:
    command = (sys.executable, "-m", "deploy.local.journey", str(mesh.journey_config()), person.name)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


async def test_one_citizen_goes_all_the_way_and_cannot_go_twice(mesh: Mesh, person: Person) -> None:
    status, out, errors = await _told(mesh, person)
    assert status == 0, out + errors
    last = _LAST_LINE.fullmatch(out.splitlines()[-1])
    assert last, out.splitlines()[-1]
    steps, case, certificate, rating = last.groups()[:4]
    assert int(steps) == 11
    assert CaseNumber(case)
    assert CertificateIdentifier(certificate)
    assert RatingId(rating)
    assert person.resident_id not in out, "a telling for everybody shows no number in full"
    assert person.phone not in out
    seen_by = out[out.index("access records") :]
    for service in ("case intake", "certificates", f"district system {person.division}"):
        assert service in seen_by

    bound = await rows(
        mesh,
        "rating",
        "SELECT t.case_number, t.task_code, t.accepted_by, t.decided_by, r.replied_by"
        " FROM ratings r JOIN tickets t ON t.id = r.ticket_id WHERE r.id = $1",
        rating,
    )
    assert [tuple(each) for each in bound] == [(case, CaseNumber(case).task_code, *OFFICERS, OFFICERS[0])]

    status, out, errors = await _told(mesh, person)
    assert status == 1
    assert "journey: failed: expected 401, got 4" in errors
    assert "journey: ok" not in out
