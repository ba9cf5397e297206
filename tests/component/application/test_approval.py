"""秒批: a shadow run beside officers, then grants at once, samples that are looked at again, and a switch that stops it."""

from typing import Any

import httpx
import pytest

from contracts.api.certificate import CheckedContent
from contracts.values import CaseNumber
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.approval import TABLE

_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["applicant_name", "applicant_id", "place_area"],
    "properties": {
        "applicant_name": {"type": "string"},
        "applicant_id": {"type": "string"},
        "place_area": {"type": "number"},
    },
}
_BASIC = cases.TASK.basic


@pytest.fixture
def office(intake: Intake) -> Intake:
    """The matter has a table, and asks for nothing but a card that the city holds."""
    definition = cases.definition(
        form_schema=_SCHEMA,
        field_titles={"applicant_name": "姓名", "applicant_id": "证号", "place_area": "面积"},
        materials=[
            cases.material("identity-card", exemption="certificate", certificate_type=cases.CARD),
            cases.material("proof", is_required=False),
        ],
        approval=TABLE,
    )
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", definition)
    return intake


async def submitted(office: Intake, area: float, *, key: str, **more: Any) -> dict[str, Any]:
    materials = [{"code": "identity-card", "certificate": {"certificate_id": cases.CARD_ID, "purpose": "示例", "consent": True}}]
    body = {
        "task_code": cases.TASK,
        "version": 1,
        "values": {"place_area": area},
        "materials": [*materials, *more.pop("materials", [])],
        **more,
    }
    answer = await office.door.call("POST", "/cases", facts=cases.applicant(), json=body, key=key)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def switch(office: Intake, mode: str, officer: str, *, sample: int = 0) -> httpx.Response:
    body = {"mode": mode, "reason": "示例", "sample_percent": sample}
    return await office.door.call("PUT", f"/automatic-approvals/{_BASIC}", facts=cases.handler(officer), json=body)


async def decided(office: Intake, number: str, *, outcome: str = "grant") -> None:
    assert (await office.act(CaseNumber(number), "acceptance")).status_code == 200
    said = {"outcome": "grant"} if outcome == "grant" else {"outcome": "refuse", "reason": "不符合条件", "cites": ["condition:1"]}
    answer = await office.act(CaseNumber(number), "decision", "hp-002", **said)
    assert answer.status_code == 200, answer.text


async def live(office: Intake, *, sample: int = 0) -> None:
    assert (await switch(office, "shadow", "hp-001")).status_code == 204
    await decided(office, (await submitted(office, 5, key="compared"))["number"])
    assert (await switch(office, "live", "hp-002", sample=sample)).status_code == 204


async def said_of(office: Intake, number: str) -> dict[str, Any]:
    answer = await office.door.call("GET", f"/cases/{number}/automatic-evaluation", facts=cases.handler())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_table_that_nobody_switched_on_is_not_asked(office: Intake) -> None:
    case = await submitted(office, 5, key="a")
    assert case["status"] == "submitted"
    answer = await office.door.call("GET", f"/cases/{case['number']}/automatic-evaluation", facts=cases.handler())
    assert (answer.status_code, answer.json()["code"]) == (404, "no-automatic-decision")


async def test_in_shadow_mode_an_officer_decides_and_the_report_compares(office: Intake) -> None:
    await switch(office, "shadow", "hp-001")
    small, large = await submitted(office, 5, key="small"), await submitted(office, 50, key="large")
    assert {small["status"], large["status"]} == {"submitted"}
    said = await said_of(office, small["number"])
    assert (said["grants"], said["row"], said["mode"], said["is_the_same_again"]) == (True, "small", "shadow", True)
    await decided(office, small["number"])
    report = (await office.door.call("GET", f"/automatic-approvals/{_BASIC}/report", facts=cases.handler())).json()
    rows = {row["row"]: row for row in report["rows"]}
    assert (rows["small"]["asked"], rows["small"]["grants"], rows["small"]["officers_granted"]) == (1, 1, 1)
    assert (rows["large"]["asked"], rows["large"]["grants"], rows["large"]["officers_decided"]) == (1, 0, 0)
    assert report["agreement"] == 1.0
    assert report["by_division"] == [{"group": cases.HUANGPU, "asked": 2, "grants": 1}]


async def test_a_table_goes_live_after_a_shadow_run_and_by_another_officer(office: Intake) -> None:
    assert (await switch(office, "live", "hp-001")).json()["code"] == "approval-not-yet-live"
    await switch(office, "shadow", "hp-001")
    assert (await switch(office, "live", "hp-002")).json()["code"] == "approval-not-yet-live"
    await decided(office, (await submitted(office, 5, key="compared"))["number"])
    assert (await switch(office, "live", "hp-001")).json()["code"] == "approval-not-yet-live"
    assert (await switch(office, "live", "hp-002")).status_code == 204


async def test_a_live_table_grants_at_once_and_says_why(office: Intake) -> None:
    await live(office)
    case = await submitted(office, 5, key="a")
    assert case["status"] == "granted"
    answer = await office.door.call("GET", f"/cases/{case['number']}/automatic-decision", facts=cases.applicant())
    said = answer.json()
    assert (said["mode"], said["grants"], said["row"], said["is_the_same_again"]) == ("live", True, "small", True)
    assert {fact["name"]: (fact["value"], fact["source"]) for fact in said["facts"]} == {
        "place_area": (5, "applicant"),
        "identified": (True, cases.CARD),
    }
    course = (await office.door.call("GET", f"/cases/{case['number']}", facts=cases.applicant())).json()
    assert [step["event"] for step in course["steps"]][:4] == ["submitted", "accepted", "review_begun", "granted"]
    again = await submitted(office, 5, key="a")
    assert again["number"] == case["number"]


@pytest.mark.parametrize("area", [50, 5.5])
async def test_what_the_table_does_not_grant_goes_to_an_officer_with_row_and_facts(office: Intake, area: float) -> None:
    await live(office)
    case = await submitted(office, area, key="a")
    assert case["status"] == "submitted"
    said = await said_of(office, case["number"])
    assert not said["grants"]
    assert said["zh"]


async def test_what_somebody_has_to_look_at_is_not_granted_by_a_table(office: Intake) -> None:
    await live(office)
    file_id = await office.upload(cases.applicant())
    case = await submitted(office, 5, key="a", materials=[{"code": "proof", "file_id": file_id}])
    assert case["status"] == "submitted"


async def test_a_certificate_that_needs_more_than_the_form_is_for_an_officer(office: Intake) -> None:
    await live(office)
    path = f"/certificate-types/{cases.LICENCE}/contents"
    office.neighbours.answers("certificate", "POST", path, CheckedContent(errors=[{"field": "dog_breed", "rule": "required"}]))
    assert (await submitted(office, 5, key="a"))["status"] == "submitted"


@pytest.mark.parametrize("who", ["the matter", "the district", "the city"])
async def test_the_switch_stops_at_once(office: Intake, who: str) -> None:
    await live(office)
    body = {"stop": True, "reason": "示例"}
    if who == "the matter":
        assert (await switch(office, "off", "hp-001")).status_code == 204
    else:
        path = "/automatic-approvals/stop" if who == "the district" else "/automatic-approvals/city-stop"
        assert (await office.door.call("POST", path, facts=cases.handler(), json=body)).status_code == 204
    assert (await submitted(office, 5, key="stopped"))["status"] == "submitted"
    if who != "the matter":
        await office.door.call("POST", path, facts=cases.handler(), json=body | {"stop": False})
        assert (await submitted(office, 5, key="again"))["status"] == "granted"


async def test_a_sample_is_looked_at_again_once_and_the_report_counts_it(office: Intake) -> None:
    await live(office, sample=100)
    number = (await submitted(office, 5, key="a"))["number"]
    waiting = (await office.door.call("GET", "/automatic-approvals/rechecks", facts=cases.handler())).json()
    assert [(each["number"], each["recheck_for"]) for each in waiting] == [(number, "sample")]
    for code in (204, 409):
        body = {"agrees": False, "reason": "面积与图纸不符"}
        answer = await office.door.call("POST", f"/cases/{number}/recheck", facts=cases.handler("hp-003"), json=body)
        assert answer.status_code == code, answer.text
    report = (await office.door.call("GET", f"/automatic-approvals/{_BASIC}/report", facts=cases.handler())).json()
    assert next(row for row in report["rows"] if row["row"] == "small")["disagreed"] == 1


async def test_the_applicant_can_ask_for_a_person(office: Intake) -> None:
    await live(office)
    number = (await submitted(office, 5, key="a"))["number"]
    path = f"/cases/{number}/officer-request"
    assert (await office.door.call("POST", path, facts=cases.applicant(), key="ask")).status_code == 200
    again = await office.door.call("POST", path, facts=cases.applicant(), key="ask-again")
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-recheck")
    waiting = (await office.door.call("GET", "/automatic-approvals/rechecks", facts=cases.handler())).json()
    assert [each["recheck_for"] for each in waiting] == ["applicant"]


async def test_others_see_nothing_of_it(office: Intake) -> None:
    await live(office)
    number = (await submitted(office, 5, key="a"))["number"]
    mine = await office.door.call("GET", f"/cases/{number}/automatic-decision", facts=cases.applicant(cases.STRANGER))
    theirs = await office.door.call("GET", f"/cases/{number}/automatic-evaluation", facts=cases.handler(division=cases.XUHUI))
    assert {mine.json()["code"], theirs.json()["code"]} == {"case-not-found"}
