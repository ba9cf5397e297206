"""Two at the same moment, and the same one again: what the case is afterwards, and what everybody is told."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.events.access import DataAccessed
from contracts.events.application import CaseAccepted, CaseCorrected, CaseCorrectionRequested, CaseGranted, CaseRefused
from contracts.values import CaseNumber
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.service import published

NOTICE = {"text": "照片不清晰，请重新上传", "materials": ["identity-card"], "fields": ["address"]}
CORRECTION = {
    "values": {"address": "示例路 2 号"},
    "materials": [
        {"code": "identity-card", "certificate": {"certificate_id": cases.CARD_ID, "purpose": "办理犬类准养证", "consent": True}}
    ],
}


def codes(answers: list[Any]) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)


async def correct(intake: Intake, number: CaseNumber, key: str = "k", **changes: Any) -> Any:
    return await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json=CORRECTION | changes, key=key)


async def test_of_two_officers_who_decide_at_once_one_does(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    answers = await asyncio.gather(
        intake.act(number, "decision", "hp-002", outcome="grant"),
        intake.act(number, "decision", "hp-003", outcome="refuse", reason="不符合条件"),
    )
    assert codes(answers) == [(200, ""), (409, "case-not-awaiting-decision")]
    assert len(await published(intake.database, CaseGranted, CaseRefused)) == 1


async def test_a_case_is_accepted_or_sent_back_and_never_both(intake: Intake) -> None:
    number = await intake.submitted()
    answers = await asyncio.gather(
        intake.act(number, "acceptance", "hp-001"), intake.act(number, "correction-requests", "hp-002", **NOTICE)
    )
    assert codes(answers) == [(200, ""), (409, "case-not-awaiting-intake")]
    assert len(await published(intake.database, CaseAccepted, CaseCorrectionRequested)) == 1


async def test_of_two_corrections_at_once_one_counts_and_both_told_what_they_looked_at(intake: Intake) -> None:
    number = await intake.submitted()
    assert (await intake.act(number, "correction-requests", **NOTICE)).status_code == 200
    before = len(intake.neighbours.asked)
    told = len(await published(intake.database, DataAccessed))
    answers = await asyncio.gather(*(correct(intake, number, key) for key in ("one", "two")))
    assert codes(answers) == [(200, ""), (409, "case-not-awaiting-correction")]
    assert len(await published(intake.database, CaseCorrected)) == 1
    looked = [path for service, _, path, _ in intake.neighbours.asked[before:] if service == "certificate"]
    assert len(await published(intake.database, DataAccessed)) - told == len(looked)


async def test_twins_of_a_submission_tell_every_look_at_data(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    await asyncio.gather(*(intake.door.call("POST", "/cases", facts=facts, json=body, key="k") for _ in range(3)))
    looked = [path for service, _, path, _ in intake.neighbours.asked if service != "catalogue"]
    assert len(await published(intake.database, DataAccessed)) == len(looked)


async def test_a_twin_of_a_decision_is_never_told_that_it_comes_too_late(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    answers = await asyncio.gather(*(intake.act(number, "decision", "hp-002", outcome="grant") for _ in range(6)))
    assert set(codes(answers)) <= {(200, ""), (409, "request-in-progress")}
    assert len(await published(intake.database, CaseGranted)) == 1


async def test_a_retry_after_midnight_keeps_the_number_of_the_day_before(intake: Intake) -> None:
    facts = cases.applicant()
    body = await intake.body(facts)
    intake.neighbours.answers("certificate", "POST", f"/certificates/{cases.CARD_ID}/uses", 500)
    assert (await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")).status_code == 503
    intake.neighbours.answers("certificate", "POST", f"/certificates/{cases.CARD_ID}/uses", cases.used())
    intake.clock.advance(timedelta(days=1))
    kept = await intake.door.call("POST", "/cases", facts=facts, json=body, key="k")
    other = await intake.door.call("POST", "/cases", facts=facts, json=body, key="another")
    assert [answer.json()["number"][-14:] for answer in (kept, other)] == ["20261124000001", "20261125000001"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": {}}, "correction-not-as-asked"),
        ({"values": {"address": ""}}, "values-not-valid"),
        ({"materials": []}, "correction-not-as-asked"),
        ({"materials": [{"code": "identity-card", "file_id": "0199b0a4-0000-7000-8000-000000000000"}]}, "file-not-found"),
    ],
)
async def test_no_certificate_is_used_for_a_correction_that_is_refused(intake: Intake, changes: dict[str, Any], code: str) -> None:
    number = await intake.submitted()
    await intake.act(number, "correction-requests", **NOTICE)
    before = len(intake.neighbours.asked)
    answer = await correct(intake, number, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not [path for service, _, path, _ in intake.neighbours.asked[before:] if service == "certificate"]


async def test_a_case_goes_on_under_the_version_it_was_started_under(intake: Intake) -> None:
    number = await intake.submitted()
    path = f"/matters/{cases.TASK}/definition"
    intake.neighbours.answers("catalogue", "GET", f"{path}?version=1", cases.definition())
    newest = cases.definition(version=2, materials=[], field_titles={}, form_schema={"type": "object", "maxProperties": 0})
    intake.neighbours.answers("catalogue", "GET", path, newest)
    assert (await intake.act(number, "correction-requests", **NOTICE)).status_code == 200
    answer = await correct(intake, number)
    assert (answer.status_code, answer.json().get("status")) == (200, "submitted"), answer.text


async def test_a_handler_is_answered_again_without_the_catalogue(intake: Intake) -> None:
    number = await intake.submitted()
    first = await intake.act(number, "correction-requests", **NOTICE)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", 503)
    again = await intake.act(number, "correction-requests", **NOTICE)
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
