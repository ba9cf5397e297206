"""A case through every status, by officers of several roles, and what its applicant and its agency read of it."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from chassis.http.mesh_token import CallerFacts
from contracts.events.application import CaseAccepted, CaseClosed
from contracts.events.certificate import CertificateIssued
from contracts.permissions import Permission
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier
from services.application.commands import handling
from services.application.domain.lifecycle import Act
from services.application.repository import Cases
from tests.component.application.conftest import Intake
from tests.component.application.test_documents import fetched, listed
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.service import EVERYTHING, published

IDENTIFIER = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000001", 1)
SUSPENSION = {"procedure": "expert_review", "reason": "需专家评审", "expected_working_days": 10}


async def mine(intake: Intake, number: CaseNumber) -> Any:
    return (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()


async def kinds(intake: Intake, number: CaseNumber) -> list[str]:
    return [each["kind"] for each in await listed(intake, number)]


async def messages(intake: Intake, number: CaseNumber) -> set[str]:
    """Of what the applicant is told, with a state of each message."""
    found = (await intake.door.call("GET", f"/cases/{number}/timeline", facts=cases.applicant())).json()["notifications"]
    assert {each["state"] for each in found} <= {"queued"}
    return {each["event"] for each in found}


async def apply(intake: Intake, number: CaseNumber, path: str, *, facts: CallerFacts | None = None, **body: Any) -> Any:
    return await intake.door.call(
        "POST", f"/cases/{number}/{path}", facts=facts or cases.applicant(), json=body, key=f"{path}-{number[-1]}"
    )


async def issue(intake: Intake, number: CaseNumber) -> None:
    issued = CertificateIssued(
        certificate_id=CertificateId.new(), identifier=IDENTIFIER, type=cases.LICENCE, case_number=number, issued_at=TODAY
    )
    await intake.feed.deliver(issued, at=TODAY)


async def test_a_case_goes_the_whole_way_and_its_applicant_reads_it_in_both_languages(intake: Intake) -> None:
    number = await intake.submitted()
    assert (await intake.done(number, "prereview"))["status"] == "prereview"
    await intake.done(number, "acceptance")
    await intake.done(number, "review", "hp-002")
    await intake.done(number, "review/steps", "hp-002", step=2, opinion="材料齐全", fields=["address"])
    await intake.done(number, "procedures", "hp-002", kind="survey", cites="procedure:1", reason="核实居所")
    running = await intake.act(number, "decision", "hp-003", outcome="grant")
    assert (running.status_code, running.json()["code"]) == (409, "procedure-runs")
    for other in ({}, {"with_officer": "hp-002"}):
        alone = await intake.door.call(
            "POST",
            f"/cases/{number}/procedure-ends",
            facts=cases.handler("hp-002"),
            json={"kind": "survey", "outcome": "属实", **other},
            key=f"alone-{len(other)}",
        )
        assert (alone.status_code, alone.json()["code"]) == (409, "survey-needs-two")
    await intake.done(number, "procedure-ends", "hp-002", kind="survey", outcome="属实", with_officer="hp-009")
    suspended = await intake.done(number, "suspension", "hp-002", **SUSPENSION)
    said = suspended["suspended"]
    assert (suspended["status"], said["zh"], said["en"], said["expected_working_days"]) == ("suspended", "专家评审", "expert review", 10)
    assert (await intake.done(number, "extension", "hp-009", working_days=5, reason="情况复杂"))["extended_working_days"] == 5
    again = await intake.act(number, "extension", "hp-008", working_days=5, reason="情况复杂")
    assert (again.status_code, again.json()["code"]) == (409, "already-extended")
    await intake.done(number, "resumption", "hp-002", outcome="通过")
    for officer, code in (("hp-001", "same-officer-may-not-decide"), ("hp-002", "reviewer-may-not-decide")):
        refused = await intake.act(number, "decision", officer, outcome="grant")
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    await intake.done(number, "decision", "hp-003-b", outcome="grant", delivery="post", content={"dog_breed": "田园犬"})
    early = await intake.act(number, "delivery", "hp-004", way="post", tracking="EX123456")
    assert (early.status_code, early.json()["code"]) == (409, "result-is-awaited")
    await issue(intake, number)
    assert not await published(intake.database, CaseClosed)
    await intake.done(number, "delivery", "hp-005", way="post", tracking="EX123456")
    assert (await intake.done(number, "closure", "hp-005"))["certificate"] == IDENTIFIER
    [closed] = await published(intake.database, CaseClosed)
    assert (closed.certificate, closed.accepted_by, closed.decided_by) == (IDENTIFIER, "hp-001", "hp-003-b")
    await issue(intake, number)
    assert intake.feed.letters.verdicts == []
    await intake.done(number, "archive", "hp-005", retention="30")
    case = await mine(intake, number)
    assert case["status"] == "archived"
    assert [step["event"] for step in case["steps"]] == [
        "submitted", "prereview_begun", "accepted", "review_begun", "step_concluded", "procedure_begun", "procedure_ended", "suspended",
        "extended", "resumed", "granted", "production_begun", "result_issued", "delivery_begun", "closed", "archived",
    ]  # fmt: skip
    assert all((step["zh"], step["en"]) == (Act(step["event"]).zh, Act(step["event"]).en) for step in case["steps"])
    assert "hp-0" not in str(case)


@pytest.mark.parametrize(
    ("refusal", "status", "agency"),
    [
        ({"kind": "not_needed", "reason": "该事项无需许可"}, 200, None),
        (
            {"kind": "wrong_agency", "reason": "属徐汇区", "agency": cases.AGENCY, "agency_name": "示例·徐汇区公安分局"},
            200,
            "示例·徐汇区公安分局",
        ),
        ({"kind": "not_eligible", "reason": "未接种", "cites": ["condition:1"]}, 200, None),
        ({"kind": "wrong_agency", "reason": "不属本机关"}, 422, None),
        ({"kind": "not_needed", "reason": "无需", "agency": cases.AGENCY, "agency_name": "示例"}, 422, None),
        ({"kind": "not_eligible", "reason": "不符合"}, 422, None),
        ({"kind": "not_needed"}, 422, None),
    ],
)
async def test_a_case_is_not_taken_in_for_reasons_and_the_right_agency_is_named(
    intake: Intake, refusal: dict[str, Any], status: int, agency: str | None
) -> None:
    number = await intake.submitted()
    answer = await intake.act(number, "intake-refusal", **refusal)
    assert answer.status_code == status, answer.text
    case = await mine(intake, number)
    assert case["status"] == ("not_accepted" if status == 200 else "submitted")
    assert (case["right_agency"] or {}).get("name") == agency
    if status == 200:
        assert case["reason"] == refusal["reason"]
        assert [each["ref"] for each in case["grounds"]] == refusal.get("cites", [])
        assert (await intake.act(number, "acceptance")).json()["code"] == "case-not-awaiting-intake"


async def test_an_applicant_takes_a_case_back_until_it_is_decided(intake: Intake) -> None:
    number = await intake.submitted()
    stranger = await apply(intake, number, "withdrawal", facts=cases.applicant(cases.STRANGER))
    assert (stranger.status_code, stranger.json()["code"]) == (404, "case-not-found")
    await intake.done(number, "acceptance")
    answer = await apply(intake, number, "withdrawal", reason="不办了")
    assert answer.json()["status"] == "withdrawn", answer.text
    assert (await apply(intake, number, "withdrawal", reason="不办了")).headers["idempotency-replayed"] == "true"
    late = await intake.act(number, "decision", "hp-002", outcome="refuse", reason="示例")
    assert (late.status_code, late.json()["code"]) == (409, "case-not-awaiting-decision")
    decided = await intake.submitted("second")
    await intake.done(decided, "acceptance", "hp-011")
    await intake.done(decided, "decision", "hp-012", outcome="refuse", reason="示例")
    refused = await apply(intake, decided, "withdrawal")
    assert (refused.status_code, refused.json()["code"], refused.json()["case_status"]) == (409, "act-not-possible", "closed")


async def test_who_acts_by_mandate_is_said_to_have_taken_a_case_back(intake: Intake) -> None:
    number = await intake.submitted()
    assert (await apply(intake, number, "withdrawal", facts=cases.by_mandate())).status_code == 200
    assert (await mine(intake, number))["steps"][-1]["by"] == "代办人 by mandate"


async def test_a_case_that_cannot_be_decided_is_ended_with_a_cause(intake: Intake) -> None:
    number = await intake.submitted()
    early = await intake.act(number, "termination", cause="correction_timeout", reason="逾期")
    assert (early.status_code, early.json()["code"]) == (409, "act-not-possible")
    ended = await intake.done(number, "termination", "hp-002", cause="duplicate", reason="与另一办件重复")
    assert (ended["status"], ended["reason"]) == ("terminated", "与另一办件重复")
    [document] = await listed(intake, number)
    said = (await fetched(intake, number, document["id"], "?format=text")).text
    for part in ("终止行政许可办理决定书", "与另一办件重复", "重复提交", "行政复议", "60 days", "行政诉讼"):
        assert part in said, part
    assert await messages(intake, number) == {"terminated"}


async def test_a_hearing_is_asked_for_within_five_working_days_and_held_before_the_decision(intake: Intake) -> None:
    number = await intake.reviewing()
    nothing = await apply(intake, number, "hearing-request")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "no-hearing-to-ask-for")
    told = await intake.done(number, "hearing-offer", "hp-002", about="涉及他人重大利益")
    assert told["hearing"]["ask_until"] == "2026-12-01"
    pending = await intake.act(number, "decision", "hp-003", outcome="grant")
    assert (pending.status_code, pending.json()["code"]) == (409, "hearing-is-pending")
    intake.clock.advance(timedelta(days=7))
    asked = await intake.door.call("POST", f"/cases/{number}/hearing-request", facts=cases.applicant(), json={}, key="in-time")
    assert asked.json()["hearing"]["hold_until"] == "2026-12-29", asked.text
    opens_at, where = intake.clock.now() + timedelta(days=9), {"place": "示例厅", "chair": "hp-099", "chair_name": "示例·听证主持人"}
    early = await intake.act(number, "hearing", "hp-005", outcome="已制作听证笔录")
    assert (early.status_code, early.json()["code"]) == (409, "hearing-not-announced")
    soon = await intake.act(number, "hearing-announcement", "hp-005", opens_at=(opens_at - timedelta(days=1)).isoformat(), **where)
    assert (soon.status_code, soon.json()["code"], soon.json()["earliest"]) == (422, "hearing-time-not-possible", "2026-12-10")
    never = await intake.act(number, "hearing-announcement", "hp-006", opens_at="9999-12-31T23:59:59Z", **where)
    assert (never.status_code, never.json()["code"]) == (422, "invalid-request")
    there = {**where, "opens_at": opens_at.isoformat(), "place": "示例路 1 号 301 室"}
    biased = await intake.act(number, "hearing-announcement", "hp-005", **{**there, "chair": "hp-002"})
    assert (biased.status_code, biased.json()["code"]) == (409, "reviewer-may-not-chair")
    unnamed = await intake.act(number, "hearing-announcement", "hp-006", **{**there, "chair_name": None})
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "invalid-request")
    announced = await intake.done(number, "hearing-announcement", "hp-002", **there)
    heard = announced["hearing"]
    assert (heard["opens_at"], heard["place"], heard["chair"]) == ("2026-12-10T02:00:00Z", there["place"], there["chair_name"])
    intake.clock.advance(timedelta(days=9))
    await intake.done(number, "hearing", "hp-002", outcome="已制作听证笔录")
    assert await kinds(intake, number) == ["acceptance", "hearing_rights", "hearing"]
    sheet = (await fetched(intake, number, (await listed(intake, number))[2]["id"])).content
    read = "".join(page.extract_text() for page in PdfReader(BytesIO(sheet)).pages).replace("\n", "")
    for part in ("听证通知书", "2026年12月10日10:00", "示例路 1 号 301 室", "示例·听证主持人", "质证"):
        assert part in read, part
    assert {"hearing_offered", "hearing_announced"} <= await messages(intake, number)
    await intake.done(number, "decision", "hp-004", outcome="grant", content={"dog_breed": "田园犬"})


async def test_a_hearing_that_is_asked_for_too_late_is_refused(intake: Intake) -> None:
    number = await intake.reviewing()
    await intake.done(number, "hearing-offer", "hp-002", about="涉及他人重大利益")
    intake.clock.advance(timedelta(days=8))
    late = await apply(intake, number, "hearing-request")
    assert (late.status_code, late.json()["code"], late.json()["until"]) == (409, "hearing-asked-too-late", "2026-12-01")


async def test_a_refusal_on_paper_is_closed_when_it_has_arrived(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    refusal = {"outcome": "refuse", "reason": "未接种", "cites": ["condition:1"], "delivery": "window"}
    refused = await intake.done(number, "decision", "hp-002", **refusal)
    assert (refused["status"], refused["grounds"]) == ("refused", [{"ref": "condition:1", "text": "犬只已接种狂犬病疫苗"}])
    await intake.done(number, "delivery", "hp-003", way="window")
    assert (await intake.done(number, "closure", "hp-003"))["status"] == "closed"


async def test_a_case_that_was_deemed_accepted_is_decided_and_closed_like_others(intake: Intake) -> None:
    number = await intake.submitted()
    async with intake.database.transaction() as session:
        case = await Cases(session, intake.sealer).numbered(number, lock=True)
        await handling.deem_accepted(session, case, intake.sealer, received_at=TODAY, at=TODAY)
    await intake.done(number, "decision", "hp-002", outcome="refuse", reason="不符合条件")
    [accepted], [closed] = await published(intake.database, CaseAccepted), await published(intake.database, CaseClosed)
    assert (accepted.accepted_by, closed.accepted_by, closed.decided_by) == ("system", "system", "hp-002")


ACTS: dict[str, tuple[Permission, dict[str, Any]]] = {
    "prereview": (Permission.CASE_ACCEPT, {}),
    "intake-refusal": (Permission.CASE_ACCEPT, {"kind": "not_needed", "reason": "无需许可"}),
    "acceptance": (Permission.CASE_ACCEPT, {}),
    "correction-requests": (Permission.CASE_REQUEST_CORRECTION, {"text": "请补正", "materials": ["vaccination-proof"]}),
    "review": (Permission.CASE_REVIEW, {}),
    "review/steps": (Permission.CASE_REVIEW, {"step": 2, "opinion": "符合"}),
    "review/returns": (Permission.CASE_REVIEW, {"step": 2, "text": "请补正", "fields": ["address"]}),
    "procedures": (Permission.CASE_REVIEW, {"kind": "survey", "cites": "procedure:1", "reason": "核实"}),
    "procedure-ends": (Permission.CASE_REVIEW, {"kind": "survey", "outcome": "属实", "with_officer": "hp-090"}),
    "suspension": (Permission.CASE_REVIEW, SUSPENSION),
    "resumption": (Permission.CASE_REVIEW, {"outcome": "通过"}),
    "hearing-offer": (Permission.CASE_REVIEW, {"about": "重大利益"}),
    "hearing-announcement": (
        Permission.CASE_REVIEW,
        {"opens_at": "2026-12-31T02:00:00Z", "place": "示例厅", "chair": "hp-099", "chair_name": "示例"},
    ),
    "hearing": (Permission.CASE_REVIEW, {"outcome": "已举行"}),
    "extension": (Permission.CASE_EXTEND, {"working_days": 5, "reason": "情况复杂"}),
    "decision": (Permission.CASE_DECIDE, {"outcome": "refuse", "reason": "不符合条件"}),
    "production": (Permission.CASE_DELIVER, {}),
    "delivery": (Permission.CASE_DELIVER, {"way": "window"}),
    "closure": (Permission.CASE_DELIVER, {}),
    "archive": (Permission.CASE_DELIVER, {"retention": "10"}),
    "fees": (Permission.CASE_ACCEPT, {"name": "工本费", "amount_fen": 1000}),
    "supply-extension": (Permission.CASE_TERMINATE, {"working_days": 5, "reason": "示例"}),
    "termination": (Permission.CASE_TERMINATE, {"cause": "duplicate", "reason": "重复"}),
}


async def test_every_act_needs_its_permission_an_officer_and_the_case_s_own_agency(intake: Intake) -> None:
    number = await intake.submitted()
    for path, (permission, body) in ACTS.items():
        without = replace(cases.handler(), permissions=EVERYTHING - {permission})
        nobody = replace(cases.handler(), officer=None)
        for facts, status in ((without, 403), (nobody, 403), (cases.applicant(), 403), (cases.handler(division=cases.XUHUI), 404)):
            answer = await intake.door.call("POST", f"/cases/{number}/{path}", facts=facts, json=body, key=path.replace("/", "-"))
            assert answer.status_code == status, (path, answer.text)
    assert (await mine(intake, number))["steps"][-1]["event"] == "submitted"


async def test_an_act_on_what_was_read_before_is_refused_whatever_it_is(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "prereview")
    for path, (_, body) in ACTS.items():
        answer = await intake.act(number, path, "hp-007", revision=1, **body)
        assert (answer.status_code, answer.json()["code"], answer.json()["revision"]) == (409, "case-has-changed", 2), path
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    assert dossier["revision"] == 2
    assert (await intake.done(number, "acceptance", "hp-007-b", revision=2))["revision"] == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("intake-refusal", {"kind": "not_needed", "reason": "该事项无需许可"}),
        ("termination", {"cause": "duplicate", "reason": "与另一办件重复"}),
    ],
)
async def test_a_case_that_ended_without_a_decision_is_in_its_applicant_s_file_with_the_reason(
    intake: Intake, path: str, body: dict[str, Any]
) -> None:
    number = await intake.submitted()
    await intake.done(number, path, **body)
    facts = CallerFacts("identity", person=cases.PERSON)
    answer = await intake.door.call("GET", f"/subjects/{cases.PERSON}/file", facts=facts)
    assert answer.status_code == 200, answer.text
    fields = {field["name"]: field["value"] for field in answer.json()["items"][0]["fields"]}
    assert fields["reason"] == body["reason"]


async def test_what_a_case_did_not_come_to_need_is_hidden_once_its_consent_is_withdrawn(intake: Intake) -> None:
    number = await intake.submitted()
    assert (await apply(intake, number, "withdrawal")).status_code == 200
    given = (await intake.door.call("GET", "/consents", facts=cases.applicant())).json()["items"]
    assert [each["is_served"] for each in given] == [False]
    path = f"/subjects/{cases.PERSON}/consents/{given[0]['consent_id']}/withdrawal"
    assert (await intake.door.call("POST", path, facts=CallerFacts("identity", person=cases.PERSON))).status_code == 200
    dossier = (await intake.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler())).json()
    [card] = [each for each in dossier["materials"] if each["how"] == "certificate"]
    assert (card["is_withdrawn"], card["content"]) == (True, None)
