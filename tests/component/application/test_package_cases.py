"""一件事: one submission becomes a case for each step, begun as those before are granted, under one number."""

from typing import Any

import pytest

from chassis.http import CallerFacts
from chassis.sealing import Sealer
from contracts.api import catalogue
from contracts.values import BasicCode, TaskCode
from services.application import parallel
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.eventually import eventually
from tests.support.station import running

FIRST, SECOND, THIRD = (TaskCode(f"11310101TE5T0101924{code}") for code in ("310101900000", "310102900000", "310103900000"))
_SCHEMA = {"type": "object", "additionalProperties": False}


def definition(task_code: TaskCode, name: str, fields: list[str], **changes: Any) -> catalogue.Definition:
    schema = _SCHEMA | {"required": fields, "properties": {each: {"type": "string", "minLength": 1} for each in fields}}
    said = {
        "task_code": task_code,
        "name": name,
        "form_schema": schema,
        "field_titles": {each: each for each in fields},
        "field_sources": {},
    }
    return cases.definition(**{**said, "materials": [], "result_certificate_type": None, **changes})


def step(code: str, task_code: TaskCode, *after: str, produces: list[str] | None = None) -> dict[str, Any]:
    nothing = {"fields": [], "materials": []}
    return {
        "code": code, "basic_code": BasicCode(task_code.basic), "name": f"示例·{code}", "after": list(after), "starts_after_days": 0,
        "ends_after_days": 3, "delivered": "together", "needs": nothing, "produces": {"fields": produces or [], "materials": []},
    }  # fmt: skip


def course(version: int = 1) -> catalogue.PackageCourse:
    plan = {
        "code": "newborn", "version": version, "name": "示例·新生儿出生一件事",
        "situation": {"code": "all", "zh": "全部", "en": "everybody", "answers": {}},
        "stages": [["birth", "gift"], ["card"]],
        "steps": [step("birth", FIRST, produces=["birth_number"]), step("gift", SECOND), step("card", THIRD, "birth")],
        "inputs": [], "form_schema": {}, "inputs_before": 6, "inputs_after": 3, "removed": 0.5, "longest_path": ["birth", "card"],
        "longest_working_days": 6, "promised_working_days": 9, "notice": None, "delivery": None, "delivered_together": [],
        "provenance": "illustrative", "illustrative": True,
    }  # fmt: skip
    codes = {"birth": FIRST, "gift": SECOND, "card": THIRD}
    return catalogue.PackageCourse.model_validate({"plan": plan, "task_codes": codes})


@pytest.fixture
def office(intake: Intake) -> Intake:
    others = intake.neighbours
    others.answers("catalogue", "GET", "/packages/newborn/course", course())
    others.answers("catalogue", "GET", f"/matters/{FIRST}/definition", definition(FIRST, "出生医学证明", ["child_name"]))
    others.answers("catalogue", "GET", f"/matters/{SECOND}/definition", definition(SECOND, "生育津贴", ["child_name", "account"]))
    others.answers("catalogue", "GET", f"/matters/{THIRD}/definition", definition(THIRD, "社会保障卡", ["child_name", "birth_number"]))
    return intake


BODY = {"code": "newborn", "version": 1, "division": cases.HUANGPU, "values": {"child_name": "示例·丙三", "account": "6222"}}


async def submitted(office: Intake, key: str = "first", **changes: Any) -> Any:
    return await office.door.call("POST", "/package-cases", facts=cases.applicant(), json=BODY | changes, key=key)


async def seen(office: Intake, number: str) -> dict[str, Any]:
    answer = await office.door.call("GET", f"/package-cases/{number}", facts=cases.applicant())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def steps_of(package: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in package["steps"]}


async def decided(office: Intake, number: str, *, grant: bool = True, **content: str) -> None:
    accepted = await office.door.call("POST", f"/cases/{number}/acceptance", facts=cases.handler(), key=f"accept-{number}")
    assert accepted.status_code == 200, accepted.text
    said = {"outcome": "grant", "content": content} if grant else {"outcome": "refuse", "reason": "不符合条件", "cites": ["condition:1"]}
    answer = await office.door.call("POST", f"/cases/{number}/decision", facts=cases.handler("hp-002"), json=said, key=f"decide-{number}")
    assert answer.status_code == 200, answer.text


async def advanced(office: Intake) -> None:
    sealer: Sealer = office.door.app.state.sealer
    await parallel.one_pass(office.database, office.clock, sealer)


async def test_one_submission_becomes_the_cases_that_wait_for_nothing_under_one_number(office: Intake) -> None:
    package = (await submitted(office)).json()
    assert package["number"].startswith(f"YJS{cases.HUANGPU}")
    assert package["due_on"] == "2026-12-07"
    steps = steps_of(package)
    assert {code: each["status"] for code, each in steps.items()} == {"birth": "running", "gift": "running", "card": "waiting"}
    assert steps["card"]["number"] is None
    own = (await office.door.call("GET", f"/cases/{steps['birth']['number']}", facts=cases.applicant())).json()
    assert own["status"] == "submitted"


async def test_sent_again_it_is_the_same_package(office: Intake) -> None:
    first, again = await submitted(office), await submitted(office)
    assert first.json() == again.json()
    mine = (await office.door.call("GET", "/cases", facts=cases.applicant())).json()
    assert len(mine["items"]) == 2


async def test_a_later_step_begins_with_what_the_earlier_one_gave_and_the_package_closes_with_the_last(office: Intake) -> None:
    package = (await submitted(office)).json()
    steps = steps_of(package)
    await decided(office, steps["birth"]["number"], birth_number="31-0001")
    await advanced(office)
    steps = steps_of(await seen(office, package["number"]))
    assert (steps["birth"]["status"], steps["card"]["status"]) == ("granted", "running")
    dossier = (await office.door.call("GET", f"/cases/{steps['card']['number']}/dossier", facts=cases.handler())).json()
    assert {each["name"]: each["value"] for each in dossier["values"]} == {"child_name": "示例·丙三", "birth_number": "31-0001"}
    await decided(office, steps["gift"]["number"])
    await decided(office, steps["card"]["number"])
    await advanced(office)
    assert (await seen(office, package["number"]))["status"] == "closed"


async def test_the_worker_is_told_when_a_step_ends_and_does_not_ask_meanwhile(office: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def counted(*given: Any) -> bool:
        nonlocal asked
        asked += 1
        return await passed(*given)

    passed = parallel.one_pass
    monkeypatch.setattr(parallel, "one_pass", counted)
    package = (await submitted(office)).json()
    part = parallel.packages_on(office.database, office.clock, office.door.app.state.sealer)
    async with running(part.main):
        # At the start, and once more when it listens.
        await eventually(lambda: asked == 2)
        await decided(office, steps_of(package)["birth"]["number"], birth_number="31-0001")
        await eventually(lambda: asked == 3)
        await eventually(lambda: is_status(office, package["number"], "card", "running"))
    assert asked == 3


async def is_status(office: Intake, number: str, step: str, status: str) -> bool:
    return bool(steps_of(await seen(office, number))[step]["status"] == status)


async def test_a_refused_step_stops_what_waits_for_it_and_not_the_others(office: Intake) -> None:
    package = (await submitted(office)).json()
    steps = steps_of(package)
    await decided(office, steps["birth"]["number"], grant=False)
    await advanced(office)
    now = await seen(office, package["number"])
    assert {code: each["status"] for code, each in steps_of(now).items()} == {"birth": "ended", "gift": "running", "card": "skipped"}
    assert now["status"] == "running"
    await decided(office, steps["gift"]["number"])
    await advanced(office)
    assert (await seen(office, package["number"]))["status"] == "closed"


async def test_a_step_that_is_not_given_what_it_needs_is_held_up_and_says_by_what(office: Intake) -> None:
    package = (await submitted(office)).json()
    await decided(office, steps_of(package)["birth"]["number"])
    await advanced(office)
    card = steps_of(await seen(office, package["number"]))["card"]
    assert (card["status"], card["held_up_by"]) == ("held_up", ["birth_number"])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"values": {"child_name": "示例·丙三"}}, 422, "values-not-valid"),
        ({"values": BODY["values"] | {"other": "x"}}, 422, "values-not-valid"),  # type: ignore[operator]
        ({"materials": [{"code": "unasked", "commitment": True}]}, 422, "materials-not-valid"),
        ({"version": 2}, 409, "package-out-of-date"),
    ],
    ids=["a value is missing", "a value nobody asks for", "a material nobody asks for", "another version"],
)
async def test_a_package_that_is_not_complete_begins_nothing(office: Intake, changes: dict[str, Any], status: int, code: str) -> None:
    answer = await submitted(office, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await office.door.call("GET", "/cases", facts=cases.applicant())).json()["items"] == []


async def test_nobody_else_sees_it(office: Intake) -> None:
    number = (await submitted(office)).json()["number"]
    answer = await office.door.call("GET", f"/package-cases/{number}", facts=cases.applicant(cases.STRANGER))
    assert (answer.status_code, answer.json()["code"]) == (404, "package-case-not-found")


async def test_a_step_that_its_applicant_takes_back_is_waited_for_no_longer(office: Intake) -> None:
    package = (await submitted(office)).json()
    path = f"/cases/{steps_of(package)['birth']['number']}/withdrawal"
    answer = await office.door.call("POST", path, facts=cases.applicant(), json={"reason": "不办了"}, key="withdraw")
    assert answer.status_code == 200, answer.text
    await advanced(office)
    steps = steps_of(await seen(office, package["number"]))
    assert {code: each["status"] for code, each in steps.items()} == {"birth": "ended", "card": "skipped", "gift": "running"}


async def withdrawn(office: Intake, number: str, facts: CallerFacts | None = None, key: str = "back") -> Any:
    path = f"/package-cases/{number}/withdrawal"
    return await office.door.call("POST", path, facts=facts or cases.applicant(), json={"reason": "不办了"}, key=key)


async def test_a_package_is_withdrawn_with_all_its_steps_and_nothing_begins_afterwards(office: Intake) -> None:
    package = (await submitted(office)).json()
    first, again = await withdrawn(office, package["number"]), await withdrawn(office, package["number"])
    assert (first.status_code, again.json()) == (200, first.json()), first.text
    assert (first.json()["withdrawn"], first.json()["kept"]) == (["birth", "gift", "card"], [])
    assert first.json()["package"]["status"] == "closed"
    mine = (await office.door.call("GET", "/cases", facts=cases.applicant())).json()["items"]
    assert [each["status"] for each in mine] == ["withdrawn", "withdrawn"]
    await advanced(office)
    steps = steps_of(await seen(office, package["number"]))
    assert {each["status"] for each in steps.values()} == {"ended"}
    assert (steps["card"]["zh"], steps["card"]["number"], bool(steps["birth"]["number"])) == ("申请人已撤回", None, True)


async def test_what_is_decided_is_not_withdrawn_and_says_why(office: Intake) -> None:
    package = (await submitted(office)).json()
    steps = steps_of(package)
    await decided(office, steps["birth"]["number"], birth_number="31-0001")
    answer = (await withdrawn(office, package["number"])).json()
    assert answer["withdrawn"] == ["gift", "card"]
    [kept] = answer["kept"]
    assert (kept["code"], kept["number"], kept["zh"]) == ("birth", steps["birth"]["number"], "办结，不能撤回")
    await advanced(office)
    now = await seen(office, package["number"])
    assert {code: each["status"] for code, each in steps_of(now).items()} == {"birth": "granted", "gift": "ended", "card": "ended"}
    assert (now["status"], len((await office.door.call("GET", "/cases", facts=cases.applicant())).json()["items"])) == ("closed", 2)


async def test_after_a_refusal_the_rest_is_withdrawn_and_no_step_is_left_over(office: Intake) -> None:
    package = (await submitted(office)).json()
    await decided(office, steps_of(package)["birth"]["number"], grant=False)
    await advanced(office)
    answer = (await withdrawn(office, package["number"])).json()
    assert (answer["withdrawn"], {each["code"] for each in answer["kept"]}) == (["gift"], {"birth", "card"})
    assert answer["package"]["status"] == "closed"


async def test_a_step_that_was_held_up_is_withdrawn_with_its_package(office: Intake) -> None:
    package = (await submitted(office)).json()
    await decided(office, steps_of(package)["birth"]["number"])
    await advanced(office)
    answer = (await withdrawn(office, package["number"])).json()
    assert (answer["withdrawn"], answer["package"]["status"]) == (["gift", "card"], "closed")


async def test_only_who_applied_or_acts_in_all_its_matters_withdraws_a_package(office: Intake) -> None:
    number = (await submitted(office)).json()["number"]
    stranger = await withdrawn(office, number, cases.applicant(cases.STRANGER))
    assert (stranger.status_code, stranger.json()["code"]) == (404, "package-case-not-found")
    helper = await withdrawn(office, number, cases.by_mandate(matters=(FIRST.basic,)), key="helper")
    assert (helper.status_code, helper.json()["code"]) == (403, "matter-not-in-mandate")
    assert (await seen(office, number))["status"] == "running"
