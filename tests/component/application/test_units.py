"""全市通办: any district takes a matter of persons in and hands its result out; the competent one decides; one number, one clock."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.api.catalogue import Competence
from contracts.events.certificate import CertificateIssued
from contracts.values import BasicCode, CaseNumber, CertificateId, OfficerId, TaskCode
from services.application.tables import clocks, history, reservations
from tests.component.application.conftest import Intake
from tests.component.application.pushing import OPERATOR
from tests.component.application.test_channels import body, known, take_in
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.eventually import eventually
from tests.support.walks import IDENTIFIER

JINGAN = cases.DivisionCode("310106")
_SEED: Final = Path(__file__).parents[3] / "services" / "catalogue" / "seed" / "divisions.json"
DISTRICTS: Final = [cases.DivisionCode(each["code"]) for each in json.loads(_SEED.read_text()) if not each["code"].endswith("0000")]
CENTRE: Final = cases.OTHER_AGENCY


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
    assert seen.status_code == 404, "nothing is to be handed out yet"
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


def centre(division: Any, officer: str) -> CallerFacts:
    """A window of the district, of another agency than the one that decides."""
    return replace(cases.handler(officer, division=division), agency=CENTRE)


async def listed(intake: Intake, facts: CallerFacts) -> list[str]:
    answer = await intake.door.call("GET", "/work-list", facts=facts)
    return [each["number"] for each in answer.json()["items"]]


async def done(intake: Intake, number: CaseNumber, path: str, facts: CallerFacts, **said: Any) -> str:
    answer = await intake.door.call("POST", f"/cases/{number}/{path}", facts=facts, json=said or None, key=f"{path}-{facts.officer}")
    return str(answer.json().get("status") if answer.status_code == 200 else answer.json()["code"])


def test_there_are_sixteen_districts() -> None:
    assert len(DISTRICTS) == 16


@pytest.mark.parametrize("division", DISTRICTS)
async def test_a_centre_of_any_district_takes_in_and_hands_out_what_another_decides(personal: Intake, division: Any) -> None:
    """Each sees it while it is theirs to do, and does no more than that."""
    known(personal, ago=TODAY - TODAY)
    window, counter, competent = centre(division, "jd-001"), centre(division, "jd-002"), cases.handler("hp-002")
    scanned = await personal.door.call("POST", "/window-files", facts=window, content=cases.PNG, media_type="image/png")
    said = await body(personal, collect_in=division)
    said["materials"][1]["file_id"] = scanned.json()["file_id"]
    number = CaseNumber((await take_in(personal, said, window)).json()["number"])
    is_own = division == cases.HUANGPU
    assert number in await listed(personal, window)
    grant = {"outcome": "grant", "content": {"dog_breed": "中华田园犬"}, "delivery": "window"}
    if not is_own:
        assert await done(personal, number, "decision", window, **grant) == "not-the-competent-unit"
    assert await done(personal, number, "acceptance", window) == "accepted"
    assert (number in await listed(personal, window)) == is_own
    assert await done(personal, number, "decision", competent, **grant) == "producing"
    issued = CertificateIssued(
        certificate_id=CertificateId.new(), identifier=IDENTIFIER, type=cases.LICENCE, case_number=number, issued_at=TODAY
    )
    await personal.feed.deliver(issued, at=TODAY)
    found = (await personal.door.call("POST", "/work-list/search", facts=counter, json={"number": number})).json()
    assert [each["number"] for each in found] == [number]
    assert number in await listed(personal, counter)
    elsewhere = centre(next(each for each in DISTRICTS if each not in {division, cases.HUANGPU}), "jd-003")
    assert await done(personal, number, "closure", elsewhere, to="applicant") == "case-not-found"
    assert await done(personal, number, "closure", counter, to="agent") == "nobody-acts-in-it"
    assert await done(personal, number, "delivery", counter, way="window") == "delivering"
    assert await done(personal, number, "closure", replace(counter, officer=OfficerId("jd-004")), to="applicant") == "closed"
    assert number not in await listed(personal, counter)
    async with personal.database.reading() as session:
        acts = (await session.execute(sa.select(history.c.act, history.c.officer, history.c.note).order_by(history.c.id))).all()
        assert len((await session.execute(sa.select(clocks))).all()) == 1
    assert (acts[0].officer, acts[-1]) == ("jd-001", ("closed", "jd-004", "交申请人 handed to the applicant"))
    whole = (await personal.door.call("GET", f"/cases/{number}/whole", facts=OPERATOR)).json()
    assert (whole["receiving_unit"], whole["agency"], whole["delivering_unit"]) == (CENTRE, cases.AGENCY, CENTRE)


async def test_what_is_on_the_negative_list_is_taken_in_by_its_own_district_alone(intake: Intake) -> None:
    known(intake, ago=TODAY - TODAY)
    excepted = cases.definition(served=["person"], city_wide_exception="须现场核验")
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition", excepted)
    answers = {}
    for division in DISTRICTS:
        window = cases.handler("jd-001", division=division)
        taken = await take_in(intake, await body(intake), window, key=division)
        fetched = await intake.door.call(
            "POST", "/cases", facts=cases.applicant(), json=await intake.body(cases.applicant(), collect_in=division), key=f"c-{division}"
        )  # fmt: skip
        answers[division] = (taken.status_code, fetched.status_code, taken.json().get("code"))
    home = answers.pop(cases.HUANGPU)
    assert home[:2] == (201, 201)
    assert set(answers.values()) == {(409, 409, "not-city-wide")}


OTHER_TASK: Final = TaskCode(f"11310104TE5T0102784{cases.TASK.basic}")


def competence(intake: Intake, place: str, task_code: TaskCode | None, *candidates: TaskCode) -> None:
    found = Competence(basic_code=BasicCode(cases.TASK.basic), place=place, task_code=task_code, candidates=list(candidates))
    intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/competence?place={place}", found)


async def at_place(intake: Intake, place: str) -> Any:
    said = await intake.body(cases.applicant(), place=place)
    return await intake.door.call("POST", "/cases", facts=cases.applicant(), json=said, key=f"at-{place}")


async def test_the_agency_that_is_competent_for_the_applicant_s_place_decides(intake: Intake) -> None:
    theirs = cases.definition(task_code=OTHER_TASK, agency=OTHER_TASK.agency, division=cases.XUHUI)
    intake.neighbours.answers("catalogue", "GET", f"/matters/{OTHER_TASK}/definition", theirs)
    competence(intake, "310104", OTHER_TASK)
    first, again = await at_place(intake, "310104"), await at_place(intake, "310104")
    assert (first.status_code, again.json()) == (201, first.json()), first.text
    number = CaseNumber(first.json()["number"])
    assert number.task_code == OTHER_TASK
    assert await listed(intake, cases.handler(division=cases.XUHUI)) == [number]
    assert await listed(intake, cases.handler()) == []


@pytest.mark.parametrize(
    ("candidates", "code"), [((), "nobody-is-competent"), ((cases.TASK, OTHER_TASK), "competence-is-unclear")], ids=["nobody", "two"]
)
async def test_a_place_that_says_nobody_or_too_many_is_refused_before_anything_is_reserved(
    intake: Intake, candidates: tuple[TaskCode, ...], code: str
) -> None:
    competence(intake, "310000", None, *candidates)
    answer = await at_place(intake, "310000")
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    if candidates:
        assert answer.json()["candidates"] == list(candidates)
    assert not [path for service, _, path, _ in intake.neighbours.asked if service == "identity"]
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(reservations))).all() == []
