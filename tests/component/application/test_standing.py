"""What the gateway asks before data is called for a case."""

from typing import Any

import pytest

from chassis.http.mesh_token import CallerFacts
from contracts.values import CaseNumber
from tests.component.application.conftest import Intake
from tests.support import cases


async def ask(intake: Intake, number: str, service: str = "gateway") -> Any:
    return await intake.door.call("GET", f"/cases/{number}/standing", facts=CallerFacts(service))


async def test_a_case_is_alive_until_it_is_decided(intake: Intake) -> None:
    number = await intake.submitted()
    intake.door.disclosed.clear()
    said = (await ask(intake, number)).json()
    assert (said["is_alive"], said["person_id"], said["division"]) == (True, cases.PERSON, cases.HUANGPU)
    assert (said["agency"], said["organisation_id"], said["submitted_by"]) == (cases.AGENCY, None, None)
    assert intake.door.disclosed == []
    assert (await intake.act(number, "acceptance")).status_code == 200
    assert (await ask(intake, number)).json()["is_alive"]
    assert (await intake.act(number, "decision", "hp-002", outcome="refuse", reason="示例")).status_code == 200
    assert not (await ask(intake, number)).json()["is_alive"]


@pytest.mark.parametrize("service", ["certificate", "identity", "rating"])
async def test_only_the_gateway_asks(intake: Intake, service: str) -> None:
    assert (await ask(intake, await intake.submitted(), service)).status_code == 403


async def test_a_case_that_is_not_there_is_not_found(intake: Intake) -> None:
    number: CaseNumber = await intake.submitted()
    assert (await ask(intake, f"{number[:-1]}9")).json()["code"] == "case-not-found"
