"""预判 that never stands in the way, 预审 that begins with the submission, and how long filling in took."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from contracts.api import catalogue
from contracts.api.catalogue import Verdict
from contracts.values import CaseId
from services.application.repository import forget_judgements
from services.application.tables import cases as case_rows
from services.application.tables import history, judgements
from tests.component.application.conftest import Intake
from tests.support import cases

JUDGE = f"/matters/{cases.TASK}/judgement"
RULE = {"text": "《示例条例》第五条", "provenance": "illustrative"}
GROUND = {"row": "too-young", "zh": "未满十八周岁", "en": "under eighteen", "rule": RULE}


def judged(answer: Verdict) -> catalogue.Eligibility:
    said: dict[str, Any] = {
        "task_code": cases.TASK, "version": 1, "table": "dog-keepers", "answer": answer, "zh": "未满十八周岁，不符合条件",
        "en": "Under eighteen: not eligible", "grounds": [GROUND] if answer != "unknown" else [], "missing": [], "inputs": [],
        "illustrative": True, "notice": None,
    }  # fmt: skip
    return catalogue.Eligibility.model_validate(said)


async def judge(intake: Intake, answer: Verdict = "no") -> dict[str, Any]:
    intake.neighbours.answers("catalogue", "POST", JUDGE, judged(answer))
    said = {"task_code": cases.TASK, "inputs": {"age": 17}}
    found = await intake.door.call("POST", "/judgements", facts=cases.applicant(), json=said)
    assert found.status_code == 201, found.text
    return dict(found.json())


async def submit(intake: Intake, key: str = "k", facts: Any = None, **changes: Any) -> Any:
    facts = facts or cases.applicant()
    return await intake.door.call("POST", "/cases", facts=facts, json=await intake.body(facts, **changes), key=key)


@pytest.mark.parametrize("answer", ["yes", "no", "unknown"])
async def test_whatever_was_told_the_application_is_taken_and_says_what_was_told(intake: Intake, answer: Verdict) -> None:
    told = await judge(intake, answer)
    assert (told["answer"], told["may_submit"], bool(told["grounds"])) == (answer, True, answer != "unknown")
    assert [body for _, _, path, body in intake.neighbours.asked if path == JUDGE] == [{"inputs": {"age": 17}}]
    taken = await submit(intake, judgement_id=told["judgement_id"])
    assert taken.status_code == 201, taken.text
    dossier = (await intake.door.call("GET", f"/cases/{taken.json()['number']}/dossier", facts=cases.handler())).json()
    assert (dossier["judgement"]["answer"], dossier["judgement"]["zh"]) == (answer, "未满十八周岁，不符合条件")


async def test_nothing_that_tells_of_the_person_is_kept_in_the_clear_or_for_long(intake: Intake) -> None:
    told = await judge(intake)
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(judgements))).one()
    assert "未满".encode() not in row.said
    late = intake.clock.now() + timedelta(seconds=1)
    kept = await judge(intake)
    assert (await submit(intake, judgement_id=kept["judgement_id"])).status_code == 201
    async with intake.database.transaction() as session:
        assert await forget_judgements(session, late) == 1
        assert (await session.execute(sa.select(judgements.c.id))).scalars().all() == [kept["judgement_id"]]
    gone = await submit(intake, "again", judgement_id=told["judgement_id"])
    assert (gone.status_code, gone.json()["code"]) == (422, "judgement-not-found")


async def test_what_was_told_to_somebody_else_or_went_with_another_case_goes_with_none(intake: Intake) -> None:
    told = await judge(intake)
    stranger = cases.applicant(cases.STRANGER)
    foreign = await submit(intake, "foreign", stranger, judgement_id=told["judgement_id"])
    assert (foreign.status_code, foreign.json()["code"]) == (422, "judgement-not-found")
    assert (await submit(intake, judgement_id=told["judgement_id"])).status_code == 201
    twice = await submit(intake, "twice", judgement_id=told["judgement_id"])
    assert (twice.status_code, twice.json()["code"]) == (422, "judgement-not-found")


async def test_a_matter_without_a_table_says_so(intake: Intake) -> None:
    intake.neighbours.answers("catalogue", "POST", JUDGE, 404)
    said = {"task_code": cases.TASK}
    answer = await intake.door.call("POST", "/judgements", facts=cases.applicant(), json=said)
    assert (answer.status_code, answer.json()["code"]) == (404, "matter-not-judged")


@pytest.mark.parametrize(
    ("channel", "status"), [("app", "prereview"), ("kiosk", "prereview"), ("portal", "prereview"), ("window", "submitted")]
)
async def test_prereview_begins_with_the_submission_of_what_comes_online(intake: Intake, channel: str, status: str) -> None:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(is_prereviewed=True))
    answer = await submit(intake, facts=replace(cases.applicant(), channel=channel))
    assert (answer.status_code, answer.json()["status"]) == (201, status)
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(case_rows.c.status, case_rows.c.submitted_at, case_rows.c.revision))).one()
        acts = (await session.execute(sa.select(history.c.act, history.c.at).order_by(history.c.id))).all()
    begun = ["submitted", "prereview_begun"] if status == "prereview" else ["submitted"]
    assert ([each.act for each in acts], row.status, row.revision) == (begun, status, len(begun))
    # The clock of the pre-review begins where the case begins.
    assert {each.at for each in acts} == {row.submitted_at}
    assert (await intake.act(answer.json()["number"], "acceptance")).status_code == 200


async def test_the_time_from_the_first_edit_to_the_submission_in_figures(intake: Intake) -> None:
    other = f"{cases.TASK[:-1]}1"
    seconds = [60, 120, 180, 240, 600]
    await submit(intake, "undrafted")
    async with intake.database.transaction() as session:
        [row] = (await session.execute(sa.select(case_rows))).all()
        template = row._asdict()
        at: datetime = template["submitted_at"]
        rows = [filled(template, number, cases.TASK, at, taken) for number, taken in enumerate(seconds, 2)]
        rows += [filled(template, 10, other, at, 30), filled(template, 11, cases.TASK, at - timedelta(days=31), 9000)]
        await session.execute(sa.insert(case_rows), rows)
    later = quote((at + timedelta(seconds=1)).isoformat())
    answer = await intake.door.call("GET", f"/case-metrics/filling-times?until={later}", facts=cases.operator())
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["overall"] == {"basic_code": None, "cases": 6, "p50_s": 150.0, "p90_s": 420.0}
    assert found["matters"] == [
        {"basic_code": "310101900000", "cases": 5, "p50_s": 180.0, "p90_s": 456.0},
        {"basic_code": "310101900001", "cases": 1, "p50_s": 30.0, "p90_s": 30.0},
    ]
    empty = await intake.door.call("GET", "/case-metrics/filling-times?until=2020-01-01T00:00:00Z", facts=cases.operator())
    assert (empty.json()["overall"], empty.json()["matters"]) == (None, [])
    assert (await intake.door.call("GET", "/case-metrics/filling-times", facts=cases.applicant())).status_code == 403


def filled(template: dict[str, Any], number: int, task_code: str, at: datetime, taken: int) -> dict[str, Any]:
    """A case like the template, which somebody took so many seconds to fill in."""
    fresh = {"id": CaseId.new(), "number": f"{task_code}20261124{number:06d}", "task_code": task_code}
    return template | fresh | {"submitted_at": at, "began_at": at - timedelta(seconds=taken)}
