"""Nothing beyond the guide: what officers ask and refuse stands in the version that the case runs under, or is refused and on a card."""

from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values import CaseNumber, OfficerId
from services.application.commands import handling
from services.application.domain.case import Scope
from services.application.tables import cards
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY

NOTICE = {"text": "照片不清晰，请重新上传", "materials": ["vaccination-proof"], "cites": ["condition:1"]}


async def raised(intake: Intake) -> list[tuple[str, str]]:
    async with intake.database.reading() as session:
        return [(row.rule, row.number) for row in await session.execute(sa.select(cards).order_by(cards.c.id))]


async def case_of(intake: Intake, number: CaseNumber) -> Any:
    return (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()


async def answered(intake: Intake, number: CaseNumber, key: str = "answer", **values: Any) -> Any:
    answer = await intake.door.call("POST", f"/cases/{number}/corrections", facts=cases.applicant(), json={"values": values}, key=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("path", "body", "rule", "beyond"),
    [
        ("correction-requests", NOTICE | {"materials": ["marriage-proof"]}, "R07", ["material:marriage-proof"]),
        ("correction-requests", NOTICE | {"fields": ["income"]}, "R07", ["field:income"]),
        ("correction-requests", NOTICE | {"cites": ["condition:3", "step:4"]}, "R07", ["condition:3", "step:4"]),
        ("intake-refusal", {"kind": "not_eligible", "reason": "收入过低", "cites": ["condition:9"]}, "R06", ["condition:9"]),
    ],
)
async def test_what_the_guide_does_not_say_is_refused_at_the_intake_and_is_a_card(
    intake: Intake, path: str, body: dict[str, Any], rule: str, beyond: list[str]
) -> None:
    number = await intake.submitted()
    for officer in ("hp-001", "hp-002"):
        answer = await intake.act(number, path, officer, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "beyond-the-guide"), answer.text
        assert [each["cited"] for each in answer.json()["errors"]] == beyond
        assert all(each["zh"] and each["en"] for each in answer.json()["errors"])
    assert await raised(intake) == [(rule, number)]
    assert (await case_of(intake, number))["status"] == "submitted"


@pytest.mark.parametrize(
    ("path", "body", "rule", "beyond"),
    [
        ("review/steps", {"step": 9, "opinion": "符合"}, "R07", ["step:9"]),
        ("review/steps", {"step": 2, "opinion": "符合", "fields": ["income"]}, "R07", ["field:income"]),
        ("review/returns", {"step": 7, "text": "请补正", "fields": ["address"]}, "R07", ["step:7"]),
        ("procedures", {"kind": "survey", "cites": "procedure:5", "reason": "核实"}, "R07", ["procedure:5"]),
        ("procedures", {"kind": "survey", "cites": "procedure:2", "reason": "没有公布时限"}, "R07", ["procedure:2"]),
        ("decision", {"outcome": "refuse", "reason": "收入过低", "cites": ["condition:9"]}, "R06", ["condition:9"]),
    ],
)
async def test_what_the_guide_does_not_say_is_refused_in_the_review_and_is_a_card(
    intake: Intake, path: str, body: dict[str, Any], rule: str, beyond: list[str]
) -> None:
    number = await intake.reviewing()
    answer = await intake.act(number, path, "hp-003", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "beyond-the-guide"), answer.text
    assert [each["cited"] for each in answer.json()["errors"]] == beyond
    assert await raised(intake) == [(rule, number)]
    assert (await case_of(intake, number))["status"] == "reviewing"


async def test_what_is_cited_is_read_back_in_the_words_of_the_guide(intake: Intake) -> None:
    number = await intake.submitted()
    notice = (await intake.done(number, "correction-requests", **NOTICE))["notice"]
    assert notice["cites"] == [
        {"ref": "material:vaccination-proof", "text": "示例·vaccination-proof"},
        {"ref": "condition:1", "text": "犬只已接种狂犬病疫苗"},
    ]
    assert (await case_of(intake, number))["notice"] == notice
    assert await raised(intake) == []


async def test_the_guide_is_the_version_that_the_case_was_started_under(intake: Intake) -> None:
    number = await intake.submitted()
    path = f"/matters/{cases.TASK}/definition"
    intake.neighbours.answers("catalogue", "GET", f"{path}?version=1", cases.definition())
    intake.neighbours.answers("catalogue", "GET", path, cases.definition(version=2, conditions=[], materials=[]))
    assert (await intake.act(number, "correction-requests", **NOTICE)).status_code == 200


async def test_a_second_notice_is_refused_and_is_a_card_whatever_became_of_the_case(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "prereview")
    await intake.done(number, "correction-requests", **(NOTICE | {"materials": [], "fields": ["address"]}))
    waiting = await intake.act(number, "correction-requests", "hp-002", **NOTICE)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "correction-already-requested")
    assert await raised(intake) == [("R07", number)]
    assert (await answered(intake, number, address="示例路 2 号"))["status"] == "prereview"
    again = await intake.act(number, "correction-requests", "hp-003", **NOTICE)
    assert (again.status_code, again.json()["code"]) == (409, "correction-already-requested")
    assert await raised(intake) == [("R07", number)]


async def test_an_answer_to_a_step_returns_straight_to_it_and_only_what_depends_on_it_is_done_again(intake: Intake) -> None:
    number = await intake.reviewing()
    await intake.done(number, "review/steps", "hp-002", step=1, opinion="地址属实", fields=["address"])
    await intake.done(number, "review/steps", "hp-003", step=2, opinion="犬名合规", fields=["dog_name"])
    asked = await intake.done(number, "review/returns", "hp-002", step=3, text="请补正地址", fields=["address"])
    assert (asked["status"], asked["notice"]["step"]) == ("correction", 3)
    assert asked["notice"]["cites"] == [{"ref": "step:3", "text": "决定"}]
    assert (await answered(intake, number, address="示例路 2 号"))["status"] == "reviewing"
    twice = await intake.act(number, "review/returns", "hp-003", step=3, text="再请补正", fields=["address"])
    assert (twice.status_code, twice.json()["code"]) == (409, "step-has-returned")
    assert await raised(intake) == [("R07", number)]
    early = await intake.act(number, "decision", "hp-004", outcome="refuse", reason="不符合")
    assert (early.status_code, early.json()["code"], early.json()["steps"]) == (409, "steps-remain", [1])
    await intake.done(number, "review/steps", "hp-005", step=1, opinion="新地址属实", fields=["address"])
    await intake.done(number, "decision", "hp-006", outcome="refuse", reason="不符合")


async def test_an_answer_that_changes_nothing_leaves_every_opinion_standing(intake: Intake) -> None:
    number = await intake.reviewing()
    await intake.done(number, "review/steps", "hp-002", step=1, opinion="地址属实", fields=["address"])
    await intake.done(number, "review/returns", "hp-002", step=2, text="请核对地址", fields=["address"])
    await answered(intake, number, address="示例路 1 号")
    await intake.done(number, "decision", "hp-006", outcome="refuse", reason="不符合")


@pytest.mark.parametrize("reason", [None, "  "])
async def test_a_refusal_without_reasons_is_refused_at_the_door_and_a_card_where_it_comes_another_way(
    intake: Intake, reason: str | None
) -> None:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    at_the_door = await intake.act(number, "decision", "hp-002", outcome="refuse", reason=reason or "")
    assert at_the_door.status_code == 422
    async with intake.database.transaction() as session:
        scope = Scope(division=cases.HUANGPU)
        await handling.refuse(session, number, scope, intake.sealer, by=OfficerId("hp-003"), at=TODAY, reason=reason)
    assert await raised(intake) == [("R06", number)]
