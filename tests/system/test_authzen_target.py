"""The mesh as the foundation's suite finds it for the AuthZEN plans: what a file says is enough to pass every module."""

import asyncio
import json
import stat
from pathlib import Path

import httpx
import pytest

from deploy.conformance.__main__ import decision_points, written
from deploy.conformance.decisions import PLANS as FILES
from deploy.local.journey.config import Config
from deploy.local.mesh import Mesh
from tests.authzen.asking import try_out
from tests.authzen.plans import PLANS
from tests.authzen.point import Point
from tests.support.eventually import eventually


@pytest.fixture(scope="module")
def files(mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return written(asyncio.run(decision_points(Config.read(mesh.journey_config()))), tmp_path_factory.mktemp("target"))


def test_there_is_a_file_for_every_plan_for_the_owner_alone(files: dict[str, Path]) -> None:
    assert files.keys() == FILES.keys() == PLANS.keys()
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.values()} == {0o600}


@pytest.mark.parametrize("plan", PLANS)
def test_a_suite_with_the_file_passes_every_module(files: dict[str, Path], plan: str) -> None:
    said = json.loads(files[plan].read_text())["pdp"]
    base, headers = said["policy_decision_point"], {"authorization": f"Bearer {said['api_key']}"}
    with httpx.Client(trust_env=False, timeout=30) as client:
        metadata = client.get(f"{base}/.well-known/authzen-configuration").json()
        assert metadata["policy_decision_point"] == base
        point = Point(base, headers, metadata, client)
        asyncio.run(eventually(lambda: _is_in_force(point), within=5))
        for module in PLANS[plan].modules:
            try_out(point, plan, module)


def _is_in_force(point: Point) -> bool:
    try_out(point, "evaluation", "fixture-request-permit-decision")
    return True
