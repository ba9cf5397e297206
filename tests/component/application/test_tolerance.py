"""容缺受理: the applicant is reminded, a card says what did not follow, and an officer ends the case or lets it go on."""

from typing import Any

import pytest

from contracts.api.identity.messages import MessageState
from contracts.values import CaseNumber
from services.application import notifying
from tests.component.application.clocked import acts_of, case_of, pass_at, rules_of
from tests.component.application.conftest import Intake
from tests.component.application.test_clock import publish, shanghai
from tests.component.application.test_documents import fetched, listed
from tests.component.application.test_seen import mesh, told
from tests.component.application.test_ways import submit, uploaded
from tests.support import cases

__all__ = ["mesh"]

END = {"cause": "not_supplied", "reason": "承诺补交的接种证明未补交"}
GO_ON = {"working_days": 3, "reason": "证明已在办理"}


@pytest.fixture
async def owing(intake: Intake) -> CaseNumber:
    """An accepted case whose proof is to follow until the end of Tuesday, the first of December."""
    late = cases.material("vaccination-proof", deferrable_days=5)
    publish(intake, materials=[cases.definition().materials[0], late])
    card = (await intake.body(cases.applicant()))["materials"][0]
    number = CaseNumber((await submit(intake, card, {"code": late.code, "deferred": True})).json()["number"])
    await intake.done(number, "acceptance")
    return number


async def reminders(intake: Intake, number: CaseNumber) -> list[object]:
    return [each["event"] for each in await told(intake, number) if each["channel"] == "sms" and each["event"] != "accepted"]


async def supplied(intake: Intake, number: CaseNumber) -> Any:
    body = {"materials": [await uploaded(intake, "vaccination-proof")]}
    return await intake.door.call("POST", f"/cases/{number}/supplies", facts=cases.applicant(), json=body, key="supply")


async def test_the_applicant_is_reminded_one_working_day_before_once(intake: Intake, owing: CaseNumber) -> None:
    await pass_at(intake, shanghai("2026-11-29 23:59"))
    assert await reminders(intake, owing) == []
    for minute in (1, 2):
        await pass_at(intake, shanghai(f"2026-11-30 00:0{minute}"))
    assert await reminders(intake, owing) == ["supply_due"]
    assert await rules_of(intake, owing) == []


async def test_a_reminder_says_in_both_languages_what_is_owed_and_until_when(intake: Intake, owing: CaseNumber, mesh: Any) -> None:
    await pass_at(intake, shanghai("2026-11-30 00:01"))
    intake.neighbours.answers("identity", "POST", f"/persons/{cases.PERSON}/messages", MessageState(state="sent"))
    await notifying.pass_once(intake.database, intake.clock, mesh)
    sent = [body["text"] for _, _, path, body in intake.neighbours.asked if path.endswith("/messages") and "补交" in body["text"]]
    assert len(sent) == 2
    for part in ("示例·vaccination-proof", "请于2026-12-01前", "Supply it by 2026-12-01"):
        assert all(part in text for text in sent), part
    assert {each["state"] for each in await told(intake, owing)} == {"sent"}


async def test_whoever_supplied_is_not_reminded(intake: Intake, owing: CaseNumber) -> None:
    assert (await supplied(intake, owing)).status_code == 200
    await pass_at(intake, shanghai("2026-12-02 00:01"))
    assert await reminders(intake, owing) == []
    assert await rules_of(intake, owing) == []


async def test_what_did_not_follow_has_a_card_once_and_ends_nothing(intake: Intake, owing: CaseNumber) -> None:
    await pass_at(intake, shanghai("2026-12-01 23:59"))
    assert await rules_of(intake, owing) == []
    for minute in (1, 2):
        await pass_at(intake, shanghai(f"2026-12-02 00:0{minute}"))
    assert await rules_of(intake, owing) == ["R02"]
    assert await reminders(intake, owing) == ["supply_due", "supply_overdue"]
    await pass_at(intake, shanghai("2026-12-04 09:00"))
    assert (await case_of(intake, owing)).status == "accepted"
    assert [each["event"] for each in await acts_of(intake, owing)] == ["submitted", "accepted"]


async def test_an_officer_ends_the_case_on_that_ground_when_it_is_overdue_and_not_before(intake: Intake, owing: CaseNumber) -> None:
    await pass_at(intake, shanghai("2026-12-01 23:59"))
    early = await intake.act(owing, "termination", "hp-early", **END)
    assert (early.status_code, early.json()["code"]) == (409, "nothing-overdue")
    await pass_at(intake, shanghai("2026-12-02 09:00"))
    assert (await intake.done(owing, "termination", **END))["status"] == "terminated"
    said = (await fetched(intake, owing, (await listed(intake, owing))[-1]["id"], "?format=text")).text
    for part in ("容缺受理", END["reason"], "行政复议", "they did not follow in time"):
        assert part in said, part
    assert (await reminders(intake, owing))[-1] == "terminated"


async def test_a_case_that_owes_nothing_is_not_ended_on_that_ground(intake: Intake) -> None:
    number = await intake.submitted()
    for path, body in (("termination", END), ("supply-extension", GO_ON)):
        answer = await intake.act(number, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing-overdue"), path


async def test_an_officer_lets_the_case_go_on_once_and_the_applicant_hears_until_when(intake: Intake, owing: CaseNumber) -> None:
    await pass_at(intake, shanghai("2026-12-02 09:00"))
    await intake.done(owing, "supply-extension", **GO_ON)
    [owed] = (await intake.door.call("GET", f"/cases/{owing}", facts=cases.applicant())).json()["owed"]
    assert (owed["due_on"], owed["is_overdue"]) == ("2026-12-07", False)
    last = (await acts_of(intake, owing))[-1]
    assert (last["event"], last["note"]) == ("supply_extended", f"2026-12-07：{GO_ON['reason']}")
    await pass_at(intake, shanghai("2026-12-08 00:01"))
    assert await reminders(intake, owing) == ["supply_overdue", "supply_extended", "supply_overdue"]
    [card] = (await intake.door.call("GET", "/cards?rule=R02", facts=cases.handler())).json()["items"]
    assert [each["note"][-10:] for each in card["occasions"]] == ["2026-12-01", "2026-12-07"]
    again = await intake.act(owing, "supply-extension", "hp-again", **GO_ON)
    assert (again.status_code, again.json()["code"]) == (409, "supply-already-extended")
    assert (await supplied(intake, owing)).status_code == 200
