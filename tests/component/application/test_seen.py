"""What applicants, halls and operators see of a case: progress, slips, messages, and the whole of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.http import MeshClient
from chassis.http.mesh_token import CallerFacts
from contracts.api.identity.messages import MessageState
from contracts.values import CaseNumber, OfficerId, PartyId
from services.application import notifying
from services.application.settings import ApplicationSettings
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.service import EVERYTHING, settings_of

OPERATOR = CallerFacts("gateway", PartyId.new(), "operator", officer=OfficerId("op-1"), permissions=EVERYTHING)
NOBODY = CallerFacts("gateway", permissions=EVERYTHING)
RESIDENT_ID = "31999919900515001X"


@pytest.fixture
async def mesh(intake: Intake, tmp_path: Path) -> AsyncIterator[MeshClient]:
    settings = settings_of(ApplicationSettings, intake.database, tmp_path, data_key_file=tmp_path / "data.key", **intake.neighbours.urls)
    client = MeshClient(settings, intake.clock)
    yield client
    await client.close()


async def told(intake: Intake, number: CaseNumber) -> list[dict[str, object]]:
    answer = await intake.door.call("GET", f"/cases/{number}/timeline", facts=cases.applicant())
    found: list[dict[str, object]] = answer.json()["notifications"]
    return found


async def test_progress_says_in_both_languages_what_a_case_waits_for(intake: Intake) -> None:
    number = await intake.submitted()
    answer = await intake.door.call("GET", f"/cases/{number}/progress", facts=cases.applicant())
    assert answer.json()["waits_for"]["whom"] == "agency"
    await intake.act(number, "correction-requests", text="请补充接种证明", materials=["vaccination-proof"])
    waits = (await intake.door.call("GET", f"/cases/{number}/progress", facts=cases.applicant())).json()["waits_for"]
    assert (waits["whom"], waits["zh"][:4], waits["en"][:14]) == ("applicant", "等待您补", "waits for you:")
    stranger = await intake.door.call("GET", f"/cases/{number}/progress", facts=cases.applicant(cases.STRANGER))
    assert stranger.status_code == 404


async def test_whoever_has_the_slip_sees_how_far_the_case_is_and_not_whose_it_is(intake: Intake) -> None:
    number = await intake.submitted()
    slip = (await intake.door.call("POST", f"/cases/{number}/slip", facts=cases.handler())).json()
    assert (await intake.door.call("POST", f"/cases/{number}/slip", facts=cases.handler())).json() == slip
    foreign = await intake.door.call("POST", f"/cases/{number}/slip", facts=cases.handler(division=cases.XUHUI))
    assert foreign.status_code == 404
    answer = await intake.door.call("POST", "/progress", facts=NOBODY, json=slip)
    assert answer.json()["status_zh"] == "申报"
    assert "示例·甲一" not in answer.text
    assert RESIDENT_ID not in answer.text


async def test_a_password_is_not_guessed(intake: Intake) -> None:
    number = await intake.submitted()
    slip = (await intake.door.call("POST", f"/cases/{number}/slip", facts=cases.handler())).json()
    wrong = {**slip, "password": f"{(int(slip['password']) + 1) % 10000:04d}"}
    codes = [(await intake.door.call("POST", "/progress", facts=NOBODY, json=wrong)).json()["code"] for _ in range(6)]
    assert codes == ["slip-refused"] * 5 + ["slip-locked"]
    assert (await intake.door.call("POST", "/progress", facts=NOBODY, json=slip)).json()["code"] == "slip-locked"
    intake.clock.advance(timedelta(hours=1))
    assert (await intake.door.call("POST", "/progress", facts=NOBODY, json=slip)).status_code == 200


async def test_applicants_are_told_and_see_what_became_of_it(intake: Intake, mesh: MeshClient) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    assert {(each["event"], each["state"]) for each in await told(intake, number)} == {("accepted", "queued")}
    intake.neighbours.answers("identity", "POST", f"/persons/{cases.PERSON}/messages", MessageState(state="sent"))
    assert await notifying.pass_once(intake.database, intake.clock, mesh) == 2
    assert await notifying.pass_once(intake.database, intake.clock, mesh) == 0
    sent = [body for _, _, path, body in intake.neighbours.asked if path.endswith("/messages")]
    assert {each["channel"] for each in sent} == {"sms", "push"}
    assert all("犬类准养证核发" in each["text"] and RESIDENT_ID not in each["text"] for each in sent)
    for each in sent:
        state = MessageState(state="delivered") if each["channel"] == "sms" else MessageState(state="failed", failure="no device")
        intake.neighbours.answers("identity", "GET", f"/messages/{each['key']}", state)
    intake.clock.advance(timedelta(minutes=1))
    await notifying.pass_once(intake.database, intake.clock, mesh)
    assert {(each["channel"], each["state"], each["failure"]) for each in await told(intake, number)} == {
        ("sms", "delivered", None),
        ("push", "failed", "no device"),
    }


async def test_while_the_sender_is_away_it_is_tried_again_under_the_same_key_until_it_is_given_up(intake: Intake, mesh: MeshClient) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    intake.neighbours.answers("identity", "POST", f"/persons/{cases.PERSON}/messages", 503)
    for _ in range(12):
        assert await notifying.pass_once(intake.database, intake.clock, mesh) == 2
        intake.clock.advance(timedelta(hours=1))
    assert await notifying.pass_once(intake.database, intake.clock, mesh) == 0
    assert len({body["key"] for _, _, path, body in intake.neighbours.asked if path.endswith("/messages")}) == 2
    assert {(each["state"], each["attempts"]) for each in await told(intake, number)} == {("failed", 12)}


async def test_a_submission_tells_nobody_anything(intake: Intake) -> None:
    assert await told(intake, await intake.submitted()) == []


async def test_the_operator_sees_the_whole_case_without_whose_it_is(intake: Intake) -> None:
    number = await intake.granted()
    answer = await intake.door.call("GET", f"/cases/{number}/whole", facts=OPERATOR)
    said = answer.json()
    assert [each["event"] for each in said["progress"]["steps"]][:2] == ["submitted", "accepted"]
    assert {each["event"] for each in said["notifications"]} == {"accepted", "granted"}
    # No back end of traces is configured: the view stands without it.
    assert said["traces"] == {"links": [], "is_complete": False, "spans": []}
    assert not [each for each in (RESIDENT_ID, "示例·甲一", "阿黄", "13900000001", cases.PERSON) if each in answer.text]
    citizen = await intake.door.call("GET", f"/cases/{number}/timeline", facts=cases.applicant())
    assert "hp-001" in answer.text
    assert not {"hp-001", "hp-002"} & set(citizen.text.split('"'))
    assert "hp-00" not in citizen.text
    assert (await intake.door.call("GET", f"/cases/{number}/whole", facts=cases.applicant())).status_code == 403


async def test_the_work_list_shows_dues_and_leaves_out_what_is_over(intake: Intake) -> None:
    number = await intake.submitted()
    listed = (await intake.door.call("GET", "/work-list", facts=cases.handler())).json()
    assert [(each["number"], each["status"]) for each in listed["items"]] == [(number, "submitted")]
    assert (listed["count"], listed["is_count_exact"], listed["next"]) == (1, True, None)
    for query in ("status=reviewing", "overdue=true", "card=red", f"agency={cases.LICENCE[:18]}", "matter=310101900000&status=closed"):
        found = (await intake.door.call("GET", f"/work-list?{query}", facts=cases.handler())).json()
        assert found["items"] == [], query
    assert (await intake.door.call("GET", "/work-list?after=nowhere", facts=cases.handler())).status_code == 422


async def test_what_is_searched_for_is_in_no_address(intake: Intake) -> None:
    number = await intake.submitted()
    for body in ({"number": number[:40]}, {"matter_name": "犬类"}, {"applicant_number": RESIDENT_ID}):
        answer = await intake.door.call("POST", "/work-list/search", facts=cases.handler(), json=body)
        assert [each["number"] for each in answer.json()] == [number], body
    body = {"number": number[:40], "applicant_number": "319999195503020025"}
    assert (await intake.door.call("POST", "/work-list/search", facts=cases.handler(), json=body)).json() == []
    assert (await intake.door.call("POST", "/work-list/search", facts=cases.handler(), json={})).status_code == 422


async def test_a_unit_limits_its_officers_and_nobody_limits_themselves(intake: Intake) -> None:
    number = await intake.submitted()
    limits = {"matters": []}
    own = await intake.door.call("POST", "/officer-scopes/hp-001", facts=cases.handler("hp-001"), json=limits)
    assert own.json()["code"] == "not-ones-own-scope"
    assert (await intake.door.call("POST", "/officer-scopes/hp-001", facts=cases.handler("hp-009"), json=limits)).status_code == 204
    assert (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler("hp-001"))).status_code == 404
    assert (await intake.act(number, "acceptance", "hp-001")).status_code == 404
    scopes = (await intake.door.call("GET", "/officer-scopes", facts=cases.handler("hp-009"))).json()["items"]
    assert [(each["officer"], each["matters"], each["set_by"]) for each in scopes] == [("hp-001", [], "hp-009")]
    free = {"matters": None}
    assert (await intake.door.call("POST", "/officer-scopes/hp-001", facts=cases.handler("hp-009"), json=free)).status_code == 204
    assert (await intake.act(number, "acceptance", "hp-001")).status_code == 200


async def test_a_cell_that_looks_like_a_formula_is_text(intake: Intake) -> None:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(name='=1+1,"x"'))
    await intake.submitted()
    answer = await intake.door.call("GET", "/work-list/export", facts=cases.handler())
    assert '"\'=1+1,""x"""' in answer.text
