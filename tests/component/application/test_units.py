"""全市通办: any district takes a matter of persons in and hands its result out; the competent one decides; one number, one clock."""

from typing import Any

import pytest

from contracts.values import CaseNumber
from tests.component.application.conftest import Intake
from tests.component.application.pushing import OPERATOR
from tests.support import cases
from tests.support.eventually import eventually

JINGAN = cases.DivisionCode("310106")


@pytest.fixture
def personal(intake: Intake) -> Intake:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(served=["person"]))
    return intake


async def act(intake: Intake, number: CaseNumber, path: str, officer: str, division: Any, **body: Any) -> Any:
    facts = cases.handler(officer, division=division)
    return await intake.door.call("POST", f"/cases/{number}/{path}", facts=facts, json=body or None, key=f"{path}-{officer}-{division}")


async def test_a_result_is_handed_out_in_the_district_that_the_applicant_chose_and_decided_in_its_own(personal: Intake) -> None:
    body = await personal.body(cases.applicant(), collect_in=cases.XUHUI)
    answer = await personal.door.call("POST", "/cases", facts=cases.applicant(), json=body, key="a")
    number = CaseNumber(answer.json()["number"])
    seen = await personal.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler(division=cases.XUHUI))
    assert seen.status_code == 200
    assert (await personal.door.call("GET", f"/cases/{number}/dossier", facts=cases.handler(division=JINGAN))).status_code == 404
    assert (await act(personal, number, "acceptance", "xh-001", cases.XUHUI)).json()["code"] == "not-the-competent-unit"
    assert (await act(personal, number, "acceptance", "hp-001", cases.HUANGPU)).status_code == 200
    said = {"outcome": "grant", "content": {"dog_breed": "中华田园犬"}, "delivery": "window"}
    assert (await act(personal, number, "decision", "xh-002", cases.XUHUI, **said)).json()["code"] == "not-the-competent-unit"


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"served": ["person"], "city_wide_exception": "须现场核验"}, "须现场核验"), ({"served": ["enterprise"]}, "非个人事项")],
    ids=["on the negative list", "not of persons"],
)
async def test_what_is_not_city_wide_stays_where_it_is_decided(intake: Intake, changes: dict[str, Any], why: str) -> None:
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", cases.definition(**changes))
    body = await intake.body(cases.applicant(), collect_in=cases.XUHUI)
    answer = await intake.door.call("POST", "/cases", facts=cases.applicant(), json=body, key="a")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-city-wide")
    assert why in answer.json()["reason"]
    at_home = await intake.body(cases.applicant(), collect_in=cases.HUANGPU)
    assert (await intake.door.call("POST", "/cases", facts=cases.applicant(), json=at_home, key="b")).status_code == 201


async def feed(intake: Intake, facts: Any) -> list[tuple[int, str, str]]:
    items = (await intake.door.call("GET", "/dispatches", facts=facts)).json()["items"]
    return [(each["revision"], each["reason"], each["agency"]) for each in items]


async def test_whoever_hands_out_is_told_of_every_move_and_the_agency_once(personal: Intake) -> None:
    body = await personal.body(cases.applicant(), collect_in=cases.XUHUI)
    answer = await personal.door.call("POST", "/cases", facts=cases.applicant(), json=body, key="a")
    number = CaseNumber(answer.json()["number"])
    assert (await act(personal, number, "acceptance", "hp-001", cases.HUANGPU)).status_code == 200
    moves = [(1, "submitted", cases.AGENCY), (2, "accepted", cases.AGENCY)]
    department = cases.handler(kind="department")
    for facts in (cases.handler(), cases.handler(division=cases.XUHUI), department):
        await eventually(lambda facts=facts: told_all(personal, facts, moves))
    assert await feed(personal, cases.handler(division=JINGAN)) == []
    whole = (await personal.door.call("GET", f"/cases/{number}/whole", facts=OPERATOR)).json()
    seen = [(each["revision"], each["division"], each["agency"]) for each in whole["announced"]]
    assert seen == [(each, *who) for each in (1, 2) for who in ((cases.HUANGPU, cases.AGENCY), (cases.XUHUI, None))]


async def told_all(intake: Intake, facts: Any, moves: list[tuple[int, str, str]]) -> bool:
    return await feed(intake, facts) == moves
