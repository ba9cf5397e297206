from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.api.certificate import CheckedContent
from contracts.events.application import (
    CaseAccepted,
    CaseClosed,
    CaseCorrected,
    CaseCorrectionRequested,
    CaseGranted,
    CaseRefused,
    CaseSubmitted,
)
from contracts.events.certificate import CertificateIssued
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier
from services.application.tables import dispatches
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.eventually import eventually
from tests.support.service import published

NOTICE = {"text": "照片不清晰，请重新上传", "materials": ["vaccination-proof"], "fields": []}
IDENTIFIER = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000001", 1)


async def feed(intake: Intake, after: str = "0.0", **facts: Any) -> list[dict[str, Any]]:
    answer = await intake.door.call("GET", f"/dispatches?after={after}", facts=cases.handler(**facts))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def fed(intake: Intake, count: int, after: str = "0.0", **facts: Any) -> list[dict[str, Any]]:
    """The feed once it shows that many: transactions of other tests on the same server hold it back for moments."""

    async def look() -> list[dict[str, Any]]:
        items = await feed(intake, after, **facts)
        return items if len(items) >= count else []

    return await eventually(look)


async def deliver_own(intake: Intake, kind: type) -> None:
    for event in await published(intake.database, kind):
        await intake.feed.deliver(event, at=TODAY)


async def test_a_submitted_case_is_dispatched_to_its_division_and_agency_alone(intake: Intake) -> None:
    number = await intake.submitted()
    assert await feed(intake) == []
    await deliver_own(intake, CaseSubmitted)
    await deliver_own(intake, CaseSubmitted)
    [dispatch] = await fed(intake, 1)
    assert (dispatch["number"], dispatch["reason"]) == (number, "submitted")
    assert [each["number"] for each in await fed(intake, 1, kind="department")] == [number]
    assert await feed(intake, division=cases.XUHUI) == []
    assert await feed(intake, after=dispatch["cursor"]) == []
    steps = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()["steps"]
    assert [step["event"] for step in steps] == ["submitted", "dispatched"]


async def test_the_feed_goes_on_behind_its_cursor(intake: Intake) -> None:
    numbers = [await intake.submitted(f"key-{number}") for number in range(3)]
    await deliver_own(intake, CaseSubmitted)
    first, *others = await fed(intake, 3)
    assert first["number"] == numbers[0]
    assert await fed(intake, 2, after=first["cursor"]) == others
    assert [each["number"] for each in others] == numbers[1:]


async def test_the_feed_comes_in_pages_and_none_is_missed(intake: Intake) -> None:
    rows = [
        {
            "number": CaseNumber.of(cases.TASK, TODAY.date(), serial),
            "reason": "submitted",
            "agency": cases.AGENCY,
            "division": cases.HUANGPU,
            "at": TODAY,
        }
        for serial in range(1, 53)
    ]
    async with intake.database.transaction() as session:
        await session.execute(sa.insert(dispatches), rows)
    first = await fed(intake, 50)
    assert len(first) == 50
    second = await fed(intake, 2, after=first[-1]["cursor"])
    assert [each["number"] for each in first + second] == [row["number"] for row in rows]
    assert await feed(intake, after=second[-1]["cursor"]) == []


@pytest.mark.parametrize("cursor", ["0.0", "9999999999999999999.999999999999999999"])
async def test_the_smallest_and_the_largest_cursor_are_read(intake: Intake, cursor: str) -> None:
    assert await feed(intake, after=cursor) == []


@pytest.mark.parametrize(
    "cursor", ["", "1", "1.", ".1", "1.1.1", "-1.0", "99999999999999999999.1", "1.9999999999999999999", "１.1", "1.1%0A", "1.1'"]
)
async def test_what_is_no_cursor_is_refused(intake: Intake, cursor: str) -> None:
    answer = await intake.door.call("GET", f"/dispatches?after={cursor}", facts=cases.handler())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_dispatch_whose_transaction_is_open_holds_back_those_behind_it(intake: Intake) -> None:
    await intake.submitted()
    async with intake.database.transaction() as session:
        await session.execute(sa.text("SELECT pg_current_xact_id()"))
        await deliver_own(intake, CaseSubmitted)
        assert await feed(intake) == []
    assert len(await fed(intake, 1)) == 1


async def test_the_dossier_shows_values_with_sources_and_materials_and_is_told(intake: Intake) -> None:
    number = await intake.submitted()
    answer = await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())
    dossier = answer.json()
    values = {each["name"]: (each["value"], each["source"]) for each in dossier["values"]}
    assert values["applicant_id"] == ("31999919900515001X", "population-base")
    assert values["dog_name"] == ("阿黄", "applicant")
    household, card, proof = dossier["materials"]
    assert (household["code"], household["how"]) == ("household", "data_check")
    assert (card["how"], card["certificate"], card["annotation"], card["grade"]) == (
        "certificate",
        cases.CARD_IDENTIFIER,
        "此件仅供办理本件使用",
        "A",
    )
    assert (proof["how"], proof["file"]["size_bytes"]) == ("file", len(cases.PNG))
    disclosed = intake.door.disclosed[-1]
    assert (disclosed.subjects, disclosed.purpose, disclosed.grade) == ((cases.PERSON,), number, 4)
    file = await intake.door.call("GET", f"/cases/{number}/files/{proof['file']['file_id']}", facts=cases.handler())
    assert (file.content, file.headers["content-type"]) == (cases.PNG, "image/png")
    assert intake.door.disclosed[-1].purpose == number


async def test_a_case_shows_its_own_files_only(intake: Intake) -> None:
    """Neither another upload of its applicant nor one that a correction replaced."""
    number = await intake.submitted()
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    [replaced] = [each["file"]["file_id"] for each in dossier["materials"] if each["file"]]
    facts = cases.applicant()
    unused, clear = [await intake.upload(facts, cases.PNG + each) for each in (b" unused", b" a clear one")]
    await intake.act(number, "correction-requests", **NOTICE)
    correction = {"materials": [{"code": "vaccination-proof", "file_id": clear}]}
    assert (await intake.door.call("POST", f"/cases/{number}/corrections", facts=facts, json=correction, key="k")).status_code == 200
    intake.door.disclosed.clear()
    for file_id in (unused, replaced):
        answer = await intake.door.call("GET", f"/cases/{number}/files/{file_id}", facts=cases.handler())
        assert (answer.status_code, answer.json()["code"]) == (404, "case-file-not-found")
    assert intake.door.disclosed == []
    assert (await intake.door.call("GET", f"/cases/{number}/files/{clear}", facts=cases.handler())).status_code == 200


@pytest.mark.parametrize("path", ["dossier", "files/0199b0a4-0000-7000-8000-000000000000"])
async def test_another_division_finds_no_case(intake: Intake, path: str) -> None:
    number = await intake.submitted()
    answer = await intake.door.call("GET", f"/cases/{number}/{path}", facts=cases.handler(division=cases.XUHUI))
    assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found")


@pytest.mark.parametrize("path", ["acceptance", "decision", "correction-requests"])
async def test_another_division_cannot_act(intake: Intake, path: str) -> None:
    number = await intake.submitted()
    bodies: dict[str, Any] = {"decision": {"outcome": "refuse", "reason": "不符合条件"}, "correction-requests": NOTICE}
    facts = cases.handler(division=cases.XUHUI)
    answer = await intake.door.call("POST", f"/cases/{number}/{path}", facts=facts, json=bodies.get(path), key="k")
    assert answer.status_code == 404


async def test_one_correction_from_notice_to_new_dispatch(intake: Intake) -> None:
    number = await intake.submitted()
    notice = await intake.act(number, "correction-requests", **NOTICE)
    assert notice.json()["status"] == "correction"
    facts = cases.applicant()
    file_id = await intake.upload(facts, cases.PNG + b" a clear one")
    correction = {"materials": [{"code": "vaccination-proof", "file_id": file_id}]}
    answer = await intake.door.call("POST", f"/cases/{number}/corrections", facts=facts, json=correction, key="k")
    assert answer.json()["status"] == "submitted", answer.text
    await deliver_own(intake, CaseCorrected)
    assert [each["reason"] for each in await fed(intake, 1)] == ["corrected"]
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    assert {each["code"]: each["file"] and each["file"]["file_id"] for each in dossier["materials"]}["vaccination-proof"] == file_id
    again = await intake.door.call("POST", f"/cases/{number}/correction-requests", facts=cases.handler(), json=NOTICE, key="second")
    assert (again.status_code, again.json()["code"]) == (409, "correction-already-requested")
    assert [type(each) for each in await published(intake.database, CaseCorrectionRequested, CaseCorrected)] == [
        CaseCorrectionRequested,
        CaseCorrected,
    ]


async def test_a_correction_that_answers_something_else_is_refused(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "correction-requests", **NOTICE)
    answer = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json={"materials": []}, key="k")
    assert (answer.status_code, answer.json()["code"], answer.json()["expected"]) == (422, "correction-not-as-asked", ["vaccination-proof"])


async def test_acceptance_starts_the_promise(intake: Intake) -> None:
    number = await intake.submitted()
    answer = await intake.act(number, "acceptance")
    assert (answer.json()["status"], answer.json()["due_on"], answer.json()["is_due_provisional"]) == ("accepted", "2026-12-07", False)
    [event] = await published(intake.database, CaseAccepted)
    assert (event.number, event.accepted_by) == (number, "hp-001")


async def test_the_officer_who_accepted_may_not_decide_and_nobody_is_asked(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    answer = await intake.act(number, "decision", outcome="grant")
    assert (answer.status_code, answer.json()["code"]) == (409, "same-officer-may-not-decide")
    assert not [path for _, _, path, _ in intake.neighbours.asked if path.endswith("/contents")]
    assert not await published(intake.database, CaseGranted)


async def test_a_grant_waits_for_its_certificate_and_is_closed_by_it_once(intake: Intake) -> None:
    number = await intake.granted()
    [granted] = await published(intake.database, CaseGranted)
    assert (granted.certificate_type, granted.decided_by) == (cases.LICENCE, "hp-002")
    assert not await published(intake.database, CaseClosed)
    issued = CertificateIssued(
        certificate_id=CertificateId.new(), identifier=IDENTIFIER, type=cases.LICENCE, case_number=number, issued_at=TODAY
    )
    event_id = await intake.feed.deliver(issued, at=TODAY)
    await intake.feed.deliver(issued, at=TODAY, event_id=event_id)
    await intake.feed.deliver(issued, at=TODAY)
    [closed] = await published(intake.database, CaseClosed)
    assert (closed.number, closed.certificate, closed.accepted_by, closed.decided_by) == (number, IDENTIFIER, "hp-001", "hp-002")
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert (case["status"], case["certificate"]) == ("closed", IDENTIFIER)
    assert [step["event"] for step in case["steps"]] == ["submitted", "accepted", "review_begun", "granted", "closed"]
    assert "hp-00" not in str(case)


async def test_a_certificate_of_no_case_closes_nothing(intake: Intake) -> None:
    await intake.granted()
    issued = CertificateIssued(certificate_id=CertificateId.new(), identifier=IDENTIFIER, type=cases.LICENCE, issued_at=TODAY)
    await intake.feed.deliver(issued, at=TODAY)
    assert not await published(intake.database, CaseClosed)
    assert intake.feed.letters.verdicts == []


async def issued_for(intake: Intake, number: CaseNumber, identifier: CertificateIdentifier = IDENTIFIER) -> None:
    issued = CertificateIssued(
        certificate_id=CertificateId.new(), identifier=identifier, type=cases.LICENCE, case_number=number, issued_at=TODAY
    )
    await intake.feed.deliver(issued, at=TODAY)


async def test_a_certificate_for_a_refused_case_is_set_aside(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    await intake.act(number, "decision", "hp-002", outcome="refuse", reason="不符合条件")
    await issued_for(intake, number)
    assert [verdict.handler for verdict in intake.feed.letters.verdicts] == ["application.close"]
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert (case["status"], case["certificate"]) == ("closed", None)


async def test_a_second_certificate_for_a_case_is_set_aside(intake: Intake) -> None:
    number = await intake.granted()
    await issued_for(intake, number)
    await issued_for(intake, number, CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000002", 1))
    assert len(intake.feed.letters.verdicts) == 1
    assert [event.certificate for event in await published(intake.database, CaseClosed)] == [IDENTIFIER]


async def test_events_about_a_case_that_never_was_are_set_aside_at_once(intake: Intake) -> None:
    nobodys = CaseNumber.of(cases.TASK, TODAY.date(), 7)
    await issued_for(intake, nobodys)
    await intake.feed.deliver(CaseCorrected(number=nobodys, division=cases.HUANGPU, agency=cases.AGENCY), at=TODAY)
    assert [verdict.attempts for verdict in intake.feed.letters.verdicts] == [1, 1]
    assert await feed(intake) == []


async def test_the_result_is_for_the_certificate_service_alone(intake: Intake) -> None:
    number = await intake.granted()
    answer = await intake.door.call("GET", f"/cases/{number}/result", facts=CallerFacts("certificate"))
    result = answer.json()
    assert (result["holder_name"], result["holder_id"], result["certificate_type"]) == ("示例·甲一", "31999919900515001X", cases.LICENCE)
    assert (result["content"]["dog_name"], result["content"]["dog_breed"]) == ("阿黄", "中华田园犬")
    assert intake.door.disclosed[-1].purpose == number
    for stranger in (CallerFacts("rating"), cases.handler()):
        assert (await intake.door.call("GET", f"/cases/{number}/result", facts=stranger)).status_code == 403


async def test_no_result_before_a_grant(intake: Intake) -> None:
    number = await intake.submitted()
    answer = await intake.door.call("GET", f"/cases/{number}/result", facts=CallerFacts("certificate"))
    assert (answer.status_code, answer.json()["code"]) == (409, "case-not-granted")


async def test_a_grant_whose_certificate_would_lack_something_is_refused(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    lacking = CheckedContent(errors=[{"field": "dog_breed", "rule": "required"}])
    intake.neighbours.answers("certificate", "POST", f"/certificate-types/{cases.LICENCE}/contents", lacking)
    answer = await intake.act(number, "decision", "hp-002", outcome="grant")
    assert (answer.status_code, answer.json()["code"]) == (422, "result-content-not-valid")
    assert answer.json()["errors"] == [{"field": "dog_breed", "rule": "required"}]


async def test_a_grant_that_earns_no_certificate_closes_at_once(intake: Intake) -> None:
    bare = cases.definition(result_certificate_type=None)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", bare)
    await intake.granted()
    assert [type(each) for each in await published(intake.database, CaseGranted, CaseClosed)] == [CaseGranted, CaseClosed]


async def test_a_refusal_states_its_reason_and_closes_the_case(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.act(number, "acceptance")
    without = await intake.act(number, "decision", "hp-002", outcome="refuse")
    assert without.status_code == 422
    answer = await intake.door.call(
        "POST", f"/cases/{number}/decision", facts=cases.handler("hp-003"), json={"outcome": "refuse", "reason": "不符合条件"}, key="r"
    )
    assert (answer.json()["status"], answer.json()["reason"]) == ("closed", "不符合条件")
    assert [type(each) for each in await published(intake.database, CaseRefused, CaseClosed)] == [CaseRefused, CaseClosed]


async def test_a_handler_retry_acts_once(intake: Intake) -> None:
    number = await intake.submitted()
    first, second = [await intake.act(number, "acceptance") for _ in range(2)]
    assert first.json() == second.json()
    assert len(await published(intake.database, CaseAccepted)) == 1


@pytest.mark.parametrize("path", ["acceptance", "decision", "correction-requests"])
async def test_acting_needs_an_officer(intake: Intake, path: str) -> None:
    number = await intake.submitted()
    bodies: dict[str, Any] = {"decision": {"outcome": "grant"}, "correction-requests": NOTICE}
    facts = replace(cases.handler(), officer=None)
    answer = await intake.door.call("POST", f"/cases/{number}/{path}", facts=facts, json=bodies.get(path), key="k")
    assert answer.status_code == 403


async def test_an_app_is_no_handler(intake: Intake) -> None:
    number = await intake.submitted()
    for path in ("/dispatches", f"/cases/{number}/dossier"):
        answer = await intake.door.call("GET", path, facts=cases.applicant())
        assert (answer.status_code, answer.json()["code"]) == (403, "not-a-handler")


async def test_every_event_of_a_case_goes_under_its_number(intake: Intake) -> None:
    number: CaseNumber = await intake.granted()
    assert {event.key() for event in await published(intake.database, CaseSubmitted, CaseAccepted, CaseGranted)} == {number}


async def test_a_decided_case_does_not_run_any_more(intake: Intake) -> None:
    decided, running = await intake.granted(), await intake.submitted("second")

    async def listed(query: str) -> set[str]:
        found = await intake.door.call("GET", f"/cases{query}", facts=cases.applicant())
        return {each["number"] for each in found.json()["items"]}

    assert await listed("?running=true") == {running}
    assert await listed("") == {decided, running}
