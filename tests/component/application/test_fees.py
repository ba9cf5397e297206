"""A fee is asked only if the case's version publishes it; anything else is refused and is card R10."""

from typing import Any

import pytest

from tests.component.application.conftest import Intake
from tests.component.application.test_clock import publish
from tests.component.application.test_seen import told
from tests.support import cases

URGENT = {"name": "加急费", "amount_fen": 5000}


async def cards_of(intake: Intake) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await intake.door.call("GET", "/cards?rule=R10", facts=cases.operator())).json()["items"]
    return found


async def test_a_published_fee_is_asked_once_and_its_applicant_sees_it_and_is_told(intake: Intake) -> None:
    number = await intake.reviewing()
    await intake.done(number, "fees", "hp-005", name="工本费", amount_fen=1000)
    mine = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    [fee] = mine["fees"]
    assert (fee["text"], fee["standard"], fee["amount_fen"]) == ("工本费", "每证 10 元", 1000)
    assert mine["steps"][-1]["event"] == "fee_asked"
    assert "fee_asked" in {each["event"] for each in await told(intake, number)}
    again = await intake.act(number, "fees", "hp-006", name="工本费", amount_fen=1000)
    assert (again.status_code, again.json()["code"]) == (409, "fee-already-asked")
    assert await cards_of(intake) == []


async def test_a_fee_outside_the_list_is_refused_and_is_a_red_card_that_lists_each(intake: Intake) -> None:
    number = await intake.reviewing()
    for officer, fee in (("hp-005", URGENT), ("hp-006", URGENT), ("hp-007", URGENT | {"name": "资料费"})):
        answer = await intake.act(number, "fees", officer, **fee)
        assert (answer.status_code, answer.json()["code"], answer.json()["published"]) == (422, "fee-not-published", ["工本费"])
    [card] = await cards_of(intake)
    assert (card["colour"], card["to_supervisor"], card["number"]) == ("red", True, number)
    assert ["加急费 50.00" in card["occasions"][0]["note"], "资料费" in card["occasions"][1]["note"]] == [True, True]
    assert len(card["occasions"]) == 2
    assert (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()["fees"] == []


async def test_no_fee_is_asked_before_a_case_is_accepted(intake: Intake) -> None:
    answer = await intake.act(await intake.submitted(), "fees", name="工本费", amount_fen=1000)
    assert (answer.status_code, answer.json()["code"]) == (409, "act-not-possible")


@pytest.mark.parametrize("published", [[], [cases.element("检验费")]])
async def test_the_list_is_that_of_the_version_of_the_case(intake: Intake, published: list[dict[str, Any]]) -> None:
    publish(intake, fees=published)
    number = await intake.reviewing()
    # The matter's next version has the fee: the case is none of it.
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(version=2))
    answer = await intake.act(number, "fees", "hp-005", name="工本费", amount_fen=1000)
    assert (answer.status_code, answer.json()["code"]) == (422, "fee-not-published")
