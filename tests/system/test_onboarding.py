"""A district from nothing to its first call in production, as anybody would run it."""

import asyncio
import re
import sys
from collections.abc import Iterator

import pytest

from deploy.local.install import ROOT
from deploy.local.mesh import Mesh
from deploy.local.newcomer.careless import MISTAKES
from tests.support.whole_mesh import rows

_LAST_LINE = re.compile(r"onboarding: ok party=(\S+) steps=7 wrong=(\S+) sandbox_s=(\S+) kit_s=(\S+) production_s=(\S+)")


@pytest.fixture
def demanding(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mesh]:
    """The mesh with a gateway that demands conformance, as in production."""
    with monkeypatch.context() as patched:
        patched.setenv("GATEWAY_CONFORMANCE_REQUIRED", "true")
        mesh.kill("gateway")
        mesh.restart("gateway")
        yield mesh
    mesh.kill("gateway")
    mesh.restart("gateway")


async def test_a_new_district_comes_to_production_by_its_conformance_and_one_approver(demanding: Mesh) -> None:
    command = (sys.executable, "-m", "deploy.local.newcomer", str(demanding.journey_config()))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, errors = (said.decode() for said in await process.communicate())
    assert process.returncode == 0, out + errors
    last = _LAST_LINE.fullmatch(out.splitlines()[-1])
    assert last, out.splitlines()[-1]
    assert sorted(last[2].split(",")) == sorted(MISTAKES)

    query = "SELECT status, applied_by, approved_by, production_by FROM parties WHERE id = $1"
    assert [tuple(each) for each in await rows(demanding, "gateway", query, last[1])] == [("active", "op-001", "op-002", "op-002")]
    query = "SELECT state, failing FROM conformance_runs WHERE party = $1 ORDER BY started_at"
    runs = await rows(demanding, "gateway", query, last[1])
    assert [(each["state"], sorted(each["failing"])) for each in runs] == [("failed", sorted(MISTAKES)), ("passed", [])]
