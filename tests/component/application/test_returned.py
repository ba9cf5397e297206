"""Acts that come back from outside: once under the handler's own number, once for each work form, and reconciled every day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.events.application import CaseGranted
from contracts.values import CaseNumber, CreditCode, OfficerId, PartyId
from services.application.reconciling import reconcile_once
from services.application.tables import history
from tests.component.application.conftest import Intake
from tests.component.application.test_handling import fed
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.service import EVERYTHING, published

OPERATOR = CallerFacts("gateway", PartyId.new(), "operator", officer=OfficerId("op-001"), permissions=EVERYTHING)
WITHIN = timedelta(hours=23)
SUPERVISOR = CreditCode("11310000TE5T013342")
NAME = "示例·甲一"


async def act(intake: Intake, number: CaseNumber, path: str, key: str, officer: str = "hp-001", **body: Any) -> Any:
    return await intake.door.call("POST", f"/cases/{number}/{path}", facts=cases.handler(officer), json=body, key=key)


async def records(intake: Intake, event: str) -> int:
    async with intake.database.reading() as session:
        query = sa.select(sa.func.count()).select_from(history).where(history.c.act == event)
        return int((await session.execute(query)).scalar_one())


async def test_an_act_happens_once_under_the_number_of_the_handler_whatever_the_key(intake: Intake) -> None:
    number = await intake.submitted()
    first = await act(intake, number, "acceptance", "k1", operation="HP-2026-0001")
    again = await act(intake, number, "acceptance", "k2", operation="HP-2026-0001")
    assert (first.status_code, again.status_code, again.json()["status"]) == (200, 200, "accepted")
    assert await records(intake, "accepted") == 1
    decided = {"operation": "HP-2026-0002", "outcome": "grant", "content": {"dog_breed": "中华田园犬"}}
    for key in ("k3", "k4"):
        answer = await act(intake, number, "decision", key, "hp-002", **decided)
        assert (answer.status_code, answer.json()["status"]) == (200, "granted"), answer.text
    intake.clock.advance(timedelta(days=400))
    late = await act(intake, number, "acceptance", "k5", operation="HP-2026-0001")
    assert (late.status_code, late.json()["status"]) == (200, "granted"), "the number is remembered for good, the case is as it is now"
    assert len(await published(intake.database, CaseGranted)) == 1


async def test_the_same_number_for_something_else_is_refused_by_a_stable_code(intake: Intake) -> None:
    number, other = await intake.submitted("one"), await intake.submitted("two")
    await act(intake, number, "acceptance", "k1", operation="HP-1")
    for path, case, body in (
        ("acceptance", other, {}),
        ("acceptance", number, {"revision": 1}),
        ("decision", number, {"outcome": "refuse", "reason": "不符合条件"}),
    ):
        answer = await act(intake, case, path, f"k-{path}-{len(body)}", "hp-002", operation="HP-1", **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "operation-says-something-else")


async def test_numbers_are_each_partys_own(intake: Intake) -> None:
    number, other = await intake.submitted("one"), await intake.submitted("two")
    await act(intake, number, "acceptance", "k1", operation="1")
    facts = replace(cases.handler(), party=PartyId.new())
    answer = await intake.door.call("POST", f"/cases/{other}/acceptance", facts=facts, json={"operation": "1"}, key="k")
    assert answer.status_code == 200


@pytest.mark.parametrize("operation", ["", "a" * 65, "有", "a b", 7, None, {"a": 1}])
async def test_what_is_no_number_of_an_operation_is_refused(intake: Intake, operation: Any) -> None:
    number = await intake.submitted()
    answer = await act(intake, number, "acceptance", "k1", operation=operation)
    assert answer.status_code == (200 if operation is None else 422), answer.text


async def issue(intake: Intake, number: CaseNumber, key: str = "f") -> dict[str, Any]:
    answer = await intake.door.call("POST", f"/cases/{number}/work-forms", facts=cases.handler(), key=key)
    assert answer.status_code == 201, answer.text
    form: dict[str, Any] = answer.json()
    return form


def entered(form: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"number": form["form"], "check_code": form["check_code"], "applicant_name": NAME} | changes


async def report(intake: Intake, query: str = "") -> dict[str, Any]:
    answer = await intake.door.call("GET", f"/work-forms/reconciliation{query}", facts=cases.handler())
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def kinds(said: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["kind"], each["times"]) for each in said["findings"]]


async def test_a_form_is_printed_with_what_finds_a_copy(intake: Intake) -> None:
    number = await intake.submitted()
    form = await issue(intake, number)
    paper = await intake.door.call("GET", f"/work-forms/{form['form']}/paper", facts=cases.handler())
    assert paper.headers["content-type"] == "text/html; charset=utf-8"
    for said in (form["form"], form["check_code"], number, NAME, "<svg"):
        assert said in paper.text
    assert intake.door.disclosed[-1].purpose == number
    elsewhere = await intake.door.call("GET", f"/work-forms/{form['form']}/paper", facts=cases.handler(division=cases.XUHUI))
    assert elsewhere.status_code == 404


async def test_a_result_is_entered_once_from_its_form_and_a_copy_is_found(intake: Intake) -> None:
    number = await intake.submitted()
    form = await issue(intake, number)
    answer = await act(intake, number, "acceptance", "k1", work_form=entered(form))
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted"), answer.text
    said = await report(intake)
    assert (said["issued"], said["returned"], said["outstanding"], said["findings"]) == (1, 1, [], [])
    for times in (1, 2):
        copy = await act(intake, number, "decision", f"c{times}", "hp-002", outcome="refuse", reason="不", work_form=entered(form))
        assert (copy.status_code, copy.json()["code"]) == (409, "work-form-already-used")
        assert kinds(await report(intake)) == [("copied", times)]
    assert await records(intake, "refused") == 0


@pytest.mark.parametrize("change", [{"check_code": "A" * 12}, {"applicant_name": "示例·乙二"}])
async def test_an_altered_form_is_found_when_its_result_is_entered(intake: Intake, change: dict[str, str]) -> None:
    number = await intake.submitted()
    form = await issue(intake, number)
    answer = await act(intake, number, "acceptance", "k1", work_form=entered(form, **change))
    assert (answer.status_code, answer.json()["code"]) == (422, "work-form-altered")
    said = await report(intake)
    assert (kinds(said), len(said["outstanding"])) == ([("altered", 1)], 1)
    assert await records(intake, "accepted") == 0


async def test_a_form_of_another_case_or_that_nobody_issued_enters_nothing(intake: Intake) -> None:
    number, other = await intake.submitted("one"), await intake.submitted("two")
    form = await issue(intake, number)
    answer = await act(intake, other, "acceptance", "k1", work_form=entered(form))
    assert (answer.status_code, answer.json()["code"]) == (422, "work-form-altered")
    made_up = entered(form, number=form["form"][:-1] + ("A" if form["form"][-1] != "A" else "B"))
    answer = await act(intake, number, "acceptance", "k2", work_form=made_up)
    assert (answer.status_code, answer.json()["code"]) == (404, "work-form-not-found")
    answer = await act(intake, number, "acceptance", "k3", work_form={"number": form["form"]})
    assert answer.status_code == 422
    assert await records(intake, "accepted") == 0


async def test_a_form_printed_before_the_case_moved_is_out_of_date(intake: Intake) -> None:
    number = await intake.submitted()
    form = await issue(intake, number)
    await act(intake, number, "acceptance", "k1")
    answer = await act(intake, number, "decision", "k2", "hp-002", outcome="refuse", reason="不", work_form=entered(form))
    assert (answer.status_code, answer.json()["code"]) == (409, "work-form-overtaken")
    assert await reconcile_once(intake.database, intake.clock, returned_within=WITHIN) == 1
    assert kinds(await report(intake)) == [("overtaken", 1)]


async def test_an_unreturned_result_is_found_within_a_day_and_settled_by_its_return(intake: Intake) -> None:
    number = await intake.submitted()
    form = await issue(intake, number)
    intake.clock.advance(WITHIN - timedelta(seconds=1))
    assert await reconcile_once(intake.database, intake.clock, returned_within=WITHIN) == 0
    intake.clock.advance(timedelta(minutes=15))
    assert await reconcile_once(intake.database, intake.clock, returned_within=WITHIN) == 1
    assert await reconcile_once(intake.database, intake.clock, returned_within=WITHIN) == 0, "once for each form"
    said = await report(intake)
    assert (kinds(said), [each["form"] for each in said["outstanding"]]) == ([("unreturned", 1)], [form["form"]])
    page = (await intake.door.call("GET", "/work-forms/findings", facts=OPERATOR)).json()
    assert [each["form"] for each in page["items"]] == [form["form"]]
    assert (await act(intake, number, "acceptance", "k1", work_form=entered(form))).status_code == 200
    assert (await report(intake))["findings"] == []


async def test_a_finding_is_settled_by_an_officer_of_its_party(intake: Intake) -> None:
    number = await intake.submitted()
    await issue(intake, number)
    intake.clock.advance(WITHIN)
    await reconcile_once(intake.database, intake.clock, returned_within=WITHIN)
    [finding] = (await report(intake))["findings"]
    path, body = f"/work-forms/findings/{finding['finding_id']}/settlement", {"note": "表单作废，已重新打印"}
    stranger = replace(cases.handler(), party=PartyId.new())
    assert (await intake.door.call("POST", path, facts=stranger, json=body, key="s")).json()["code"] == "finding-not-found"
    answer = await intake.door.call("POST", path, facts=cases.handler(), json=body, key="s")
    assert (answer.status_code, answer.json()["settled_by"]) == (200, "hp-001")
    assert (await report(intake))["findings"] == []


async def test_whoever_supervises_a_matter_is_told_of_grant_change_and_revocation_and_says_that_it_has_it(intake: Intake) -> None:
    for matter, agency in (("*", cases.AGENCY), (cases.TASK.basic, SUPERVISOR)):
        assert (await intake.door.call("PUT", f"/permit-supervisors/{matter}", facts=OPERATOR, json={"agency": agency})).status_code == 200
    number = await intake.granted()
    for kind in ("change", "revocation"):
        answer = await act(intake, number, "permit-amendments", kind, "hp-002", kind=kind, reason="依据错误，予以更正")
        assert answer.status_code == 200, answer.text
    office = replace(cases.handler("jd-001", kind="department"), party=PartyId.new(), agency=SUPERVISOR)
    page = (await intake.door.call("GET", "/permit-notices?waiting=true", facts=office)).json()
    assert [(each["kind"], each["number"], each["received_at"]) for each in page["items"]] == [
        ("grant", number, None),
        ("change", number, None),
        ("revocation", number, None),
    ]
    told = await fed_to(intake, office)
    assert [each["reason"] for each in told] == ["granted", "permit_changed", "permit_revoked"]
    first = page["items"][0]["notice_id"]
    for key in ("r1", "r2"):
        receipt = await intake.door.call("POST", f"/permit-notices/{first}/receipt", facts=office, key=key)
        assert (receipt.status_code, receipt.json()["received_by"]) == (200, "jd-001")
    waiting = (await intake.door.call("GET", "/permit-notices/all?waiting=true", facts=OPERATOR)).json()["items"]
    assert [each["kind"] for each in waiting] == ["change", "revocation"]
    other = await intake.door.call("POST", f"/permit-notices/{first}/receipt", facts=cases.handler(kind="department"), key="x")
    assert (other.status_code, other.json()["code"]) == (404, "permit-notice-not-found")


async def fed_to(intake: Intake, office: CallerFacts) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await intake.door.call("GET", "/dispatches", facts=office)).json()["items"]
        return items if len(items) == 3 else []

    return await eventually(look)


async def test_what_was_not_granted_is_not_amended(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    await intake.act(number, "decision", "hp-002", outcome="refuse", reason="不符合条件")
    answer = await act(intake, number, "permit-amendments", "k", "hp-003", kind="revocation", reason="示例")
    assert (answer.status_code, answer.json()["code"]) == (409, "case-not-granted")
    assert [each["reason"] for each in await fed(intake, 4)][-1] != "permit_revoked"
