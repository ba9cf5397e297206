"""Cards answered and listed, the calendar's versions and what a new one does, promises tried on what was decided."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.http.mesh_token import CallerFacts
from chassis.working_days import known
from contracts.values import CardId, CaseId, CaseNumber
from services.application.clockwork import begin
from services.application.commands.cards import raise_card
from services.application.domain.case import Citation, Inside, Procedure
from services.application.domain.lifecycle import Act
from services.application.domain.supervision import RuleCode
from services.application.repository import rebuilt
from services.application.repository.schedules import first_schedule
from services.application.tables import calendars, cards, clocks
from services.application.tables import cases as rows
from tests.component.application.clocked import acts_of, case_of, moved, pass_at, rules_of
from tests.component.application.conftest import Intake
from tests.component.application.test_clock import publish, shanghai
from tests.support import cases
from tests.support.clock import TODAY
from tests.unit.application.minute_model import FIRST, Office, received, term

NEXT_YEAR = {
    "year": 2027,
    "off": ["2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09"],
    "worked": ["2027-01-09"],
    "source": "示例通知",
}


def operator() -> CallerFacts:
    return replace(cases.handler("yw-001", kind="operator"), agency=None, division=None)


async def get(intake: Intake, path: str, facts: CallerFacts | None = None) -> Any:
    answer = await intake.door.call("GET", path, facts=facts or operator())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def raised(intake: Intake, number: CaseNumber, rule: RuleCode) -> bool:
    case = await case_of(intake, number)
    async with intake.database.transaction() as session:
        return await raise_card(session, case, rule, at=intake.clock.now(), note="示例")


async def answered(intake: Intake, card_id: str, facts: CallerFacts, key: str = "k") -> Any:
    body = {"answer": "已约谈经办人并当日办结"}
    return await intake.door.call("POST", f"/cards/{card_id}/answer", facts=facts, json=body, key=key)


async def test_one_card_of_a_case_and_rule_is_open_and_is_answered_once(intake: Intake) -> None:
    number = await intake.submitted()
    assert [await raised(intake, number, RuleCode.R10) for _ in range(2)] == [True, False]
    [card] = (await get(intake, "/cards"))["items"]
    assert (card["rule"], card["colour"], card["to_supervisor"], card["number"]) == ("R10", "red", True, number)
    first = await answered(intake, card["card_id"], cases.handler("hp-009"))
    assert (first.status_code, first.json()["answered_by"]) == (200, "hp-009"), first.text
    assert (await answered(intake, card["card_id"], cases.handler("hp-009"))).json() == first.json()
    again = await answered(intake, card["card_id"], operator(), "another")
    assert (again.status_code, again.json()["code"]) == (409, "card-answered")
    assert await raised(intake, number, RuleCode.R10)
    assert len((await get(intake, "/cards?rule=R10"))["items"]) == 2


async def test_an_open_card_lists_every_term_that_it_came_to_be_about(intake: Intake) -> None:
    """Nothing overdue hides behind a card that is open already."""
    steps = [
        {"name": "受理", "working_days": 2, "provenance": "illustrative"},
        {"name": "审查", "working_days": 1, "provenance": "illustrative"},
    ]
    publish(intake, steps=steps)
    number = await intake.submitted()
    await pass_at(intake, shanghai("2026-11-26 17:01"))
    assert (await intake.act(number, "acceptance")).status_code == 200
    await moved(intake, number, Act.BEGIN_REVIEW, lambda case: case.begin_review())
    survey = Procedure(Inside.SURVEY, Citation("procedure:1", "现场核查"), "示例", intake.clock.now(), 1)
    await moved(intake, number, Act.BEGIN_PROCEDURE, lambda case: case.begin_procedure(survey))
    for minutes in (1, 2):
        await pass_at(intake, shanghai(f"2026-11-27 17:0{minutes}"))
    [card] = (await get(intake, "/cards?rule=R02"))["items"]
    said = [each["note"] for each in card["occasions"]]
    assert len(said) == 3
    assert card["note"] == said[0]
    assert "2026-11-26 17:00" in said[0]
    assert sorted("survey" in each for each in said) == [False, False, True]
    assert (await answered(intake, card["card_id"], operator())).json()["occasions"] == card["occasions"]


async def test_what_a_card_lists_is_not_taken_from_it(intake: Intake) -> None:
    await raised(intake, await intake.submitted(), RuleCode.R10)
    with pytest.raises(DBAPIError, match="answered once and never deleted"):
        async with intake.database.transaction() as session:
            await session.execute(sa.update(cards).values(occasions=[]))


@pytest.mark.parametrize(
    "change",
    [
        sa.delete(cards),
        sa.update(cards).values(rule="R01"),
        sa.update(cards).values(answer="另一答复"),
        sa.text("TRUNCATE cards"),
    ],
)
async def test_a_card_stays_as_it_was_answered(intake: Intake, change: Any) -> None:
    number = await intake.submitted()
    await raised(intake, number, RuleCode.R04)
    [card] = (await get(intake, "/cards"))["items"]
    assert (await answered(intake, card["card_id"], operator())).status_code == 200
    with pytest.raises(DBAPIError, match="answered once and never deleted"):
        async with intake.database.transaction() as session:
            await session.execute(change)


async def test_everybody_supervises_their_own(intake: Intake) -> None:
    number = await intake.submitted()
    await raised(intake, number, RuleCode.R02)
    [card] = (await get(intake, "/cards", cases.handler()))["items"]
    assert (await get(intake, "/cards", cases.handler(division=cases.XUHUI)))["items"] == []
    foreign = await answered(intake, card["card_id"], cases.handler(division=cases.XUHUI))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "card-not-found")
    missing = await answered(intake, CardId.new(), operator(), "another")
    assert missing.status_code == 404
    dossier = await get(intake, f"/cases/{number}/dossier", cases.handler())
    assert [each["rule"] for each in dossier["cards"]] == ["R02"]
    assert dossier["clock"]["intake_due_at"] == "2026-12-01T09:00:00Z"


async def test_the_list_is_filtered_and_comes_in_pages(intake: Intake) -> None:
    number = await intake.submitted()
    case = await case_of(intake, number)
    row = {"number": number, "rule": "R02", "colour": "yellow", "to_supervisor": False, "task_code": case.task_code}
    own = {"case_id": case.id, "agency": case.agency, "division": case.division, "raised_at": TODAY, "answered_at": TODAY}
    said = [row | own | {"id": CardId.new(), "answered_by": "hp-001", "answer": "示例", "occasions": []} for _ in range(52)]
    async with intake.database.transaction() as session:
        await session.execute(sa.insert(cards), said)
    await raised(intake, number, RuleCode.R05)
    first = await get(intake, "/cards")
    second = await get(intake, f"/cards?before={first['next']}")
    assert [each["card_id"] for each in first["items"] + second["items"]][1:] == sorted((each["id"] for each in said), reverse=True)
    assert second["next"] is None
    for query, count in (("answered=false", 1), ("colour=red", 1), ("rule=R05", 1), ("rule=R01", 0), (f"agency={case.agency}", 50)):
        assert len((await get(intake, f"/cards?{query}"))["items"]) == count, query


async def test_the_rules_are_said_in_both_languages(intake: Intake) -> None:
    rules = await get(intake, "/supervision-rules")
    assert [each["rule"] for each in rules] == [f"R{number:02d}" for number in range(1, 11)]
    assert {each["rule"] for each in rules if each["to_supervisor"]} == {"R05", "R10"}


async def imported(intake: Intake, key: str = "k", **changes: Any) -> Any:
    return await intake.door.call("POST", "/calendars", facts=operator(), json=NEXT_YEAR | changes, key=key)


async def test_a_new_notice_recounts_open_cases_and_says_why(intake: Intake) -> None:
    publish(intake, promised_working_days=30, statutory_working_days=40)
    await begin(intake.database, intake.clock)
    number, waiting = await intake.submitted(), await intake.submitted("second")
    assert (await intake.act(number, "acceptance")).status_code == 200
    before = await case_of(intake, number)
    assert before.due
    assert (before.due.on, before.due.is_provisional) == (date(2027, 1, 5), True)
    answer = await imported(intake)
    assert answer.status_code == 201, answer.text
    await pass_at(intake, TODAY + timedelta(minutes=1))
    after = await case_of(intake, number)
    assert after.due
    assert (after.due.on, after.due.is_provisional) == (date(2027, 1, 6), False)
    [said] = [each["note"] for each in await acts_of(intake, number) if each["event"] == "recounted"]
    assert f"第 {answer.json()['version']} 版" in said
    assert "示例通知" in said
    assert "promised term 2027-01-05 17:00 → 2027-01-06 17:00" in said
    assert "recounted" not in [each["event"] for each in await acts_of(intake, waiting)]
    async with intake.database.reading() as session:
        assert await rebuilt(session, after.id) == after
        kept = set((await session.execute(sa.select(clocks.c.calendar))).scalars())
        newest = (await session.execute(sa.select(calendars.c.id).order_by(calendars.c.version.desc()).limit(1))).scalar_one()
    assert kept == {newest}


async def test_a_new_notice_moves_the_days_of_a_hearing(intake: Intake) -> None:
    publish(intake)
    intake.clock.advance(shanghai("2026-12-24 10:00") - TODAY)
    number = await intake.submitted()
    assert (await intake.act(number, "acceptance")).status_code == 200
    await moved(intake, number, Act.BEGIN_REVIEW, lambda case: case.begin_review())
    told = await moved(intake, number, Act.OFFER_HEARING, lambda case: case.offer_hearing(at=intake.clock.now(), calendar=known()))
    assert told.hearing
    assert told.hearing.ask_until == date(2026, 12, 31)
    await imported(intake, off=["2026-12-31", "2027-01-01"], worked=[])
    await pass_at(intake, shanghai("2026-12-24 10:01"))
    case = await case_of(intake, number)
    assert case.hearing
    assert case.hearing.ask_until == date(2027, 1, 4)
    [said] = [each["note"] for each in await acts_of(intake, number) if each["event"] == "recounted"]
    assert "hearing 2026-12-31 → 2027-01-04" in said


async def test_whoever_counts_by_an_old_calendar_is_told_and_counts_again(intake: Intake) -> None:
    publish(intake, promised_working_days=30)
    number = await intake.submitted()
    await imported(intake)
    assert (await intake.act(number, "acceptance")).status_code == 200
    case = await case_of(intake, number)
    assert case.due
    assert case.due.on == date(2027, 1, 6)
    async with intake.database.reading() as session:
        assert (await session.execute(sa.select(clocks.c.calendar))).scalar_one() is not None


async def test_office_hours_of_all_units_move_dues(intake: Intake) -> None:
    number = await intake.submitted()
    body = {"opens": "08:30", "closes": "16:30", "source": "示例通知"}
    assert (await intake.door.call("POST", "/office-hours", facts=operator(), json=body, key="k")).status_code == 201
    await pass_at(intake, TODAY + timedelta(minutes=1))
    dossier = await get(intake, f"/cases/{number}/dossier", cases.handler())
    assert dossier["clock"]["intake_due_at"] == "2026-12-01T08:30:00Z"
    versions = await get(intake, "/calendars")
    assert [(each["opens"], each["closes"], each["unit"]) for each in versions["items"]] == [("08:30", "16:30", None)]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"off": ["2027-01-01", "2027-01-01"]}, "named-twice"),
        ({"off": ["2028-05-01"]}, "not-of-the-year"),
        ({"worked": ["2027-01-08"]}, "not-a-weekend"),
    ],
)
async def test_a_notice_that_cannot_be_is_refused(intake: Intake, changes: dict[str, Any], rule: str) -> None:
    answer = await imported(intake, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "notice-not-valid")
    assert [each["rule"] for each in answer.json()["errors"]] == [rule]


async def test_offices_close_after_they_open(intake: Intake) -> None:
    body = {"opens": "17:00", "closes": "09:00", "source": "示例"}
    answer = await intake.door.call("POST", "/office-hours", facts=operator(), json=body, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "hours-not-valid")


async def test_the_notices_of_the_program_become_versions_once(intake: Intake) -> None:
    await begin(intake.database, intake.clock)
    await begin(intake.database, intake.clock)
    versions = (await get(intake, "/calendars"))["items"]
    assert [each["year"] for each in versions] == [2026, 2025]


async def test_a_clock_is_started_for_cases_from_before(intake: Intake) -> None:
    publish(intake)
    number = await intake.submitted()
    async with intake.database.transaction() as session:
        await session.execute(sa.delete(clocks))
    await begin(intake.database, intake.clock)
    await pass_at(intake, shanghai("2026-12-01 17:01"))
    assert await rules_of(intake, number) == ["R03"]


async def test_another_promise_is_counted_over_what_was_decided(intake: Intake) -> None:
    """The recount beside: the same cases through the model that goes minute by minute."""
    number = await intake.submitted()
    case, draw = await case_of(intake, number), random.Random(11)
    decided = []
    async with intake.database.transaction() as session:
        [row] = (await session.execute(sa.select(rows))).mappings()
        for serial in range(2, 62):
            accepted = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(30 * 1440))
            at = accepted + timedelta(minutes=draw.randrange(12 * 1440))
            said = {"id": CaseId.new(), "number": CaseNumber.of(cases.TASK, TODAY.date(), serial), "status": "closed"}
            await session.execute(sa.insert(rows).values(dict(row) | said | {"accepted_at": accepted, "decided_at": at}))
            decided.append((accepted, at))
    schedule = first_schedule()
    office = Office(set(schedule.calendar.off), set(schedule.calendar.worked), 2026, 9 * 60, 17 * 60)
    within = [(_minute(begun), _minute(at)) for begun, at in decided if at < shanghai("2026-11-01 00:00")]
    for days in (0, 3, 5):
        found = await get(intake, f"/promise-recounts?task_code={cases.TASK}&month=2026-10&promised_working_days={days}")
        starts = [(received(office, begun) if days == 0 else begun, at) for begun, at in within]
        late = sum(at > term(office, begun, days) for begun, at in starts)
        assert (found["total"], found["late"]) == (len(within), late)
    assert 0 < late < len(within)
    assert case.promised_working_days == 9
    other = await get(intake, f"/promise-recounts?task_code={cases.TASK}&month=2026-09&promised_working_days=3")
    assert (other["total"], other["late"]) == (0, 0)
    foreign = cases.handler(division=cases.XUHUI)
    theirs = await get(intake, f"/promise-recounts?task_code={cases.TASK}&month=2026-10&promised_working_days=3", foreign)
    assert theirs["total"] == 0


def _minute(at: datetime) -> int:
    return int((at - datetime(FIRST.year, 1, 1, tzinfo=UTC)).total_seconds() // 60) + 8 * 60


async def test_an_answered_card_does_not_come_back_for_the_same_term(intake: Intake) -> None:
    publish(intake)
    number = await intake.submitted()
    assert (await intake.act(number, "acceptance")).status_code == 200
    await pass_at(intake, shanghai("2026-12-07 17:01"))
    for card in (await get(intake, "/cards"))["items"]:
        assert (await answered(intake, card["card_id"], operator(), card["rule"])).status_code == 200
    await pass_at(intake, shanghai("2026-12-08 17:01"))
    await moved(intake, number, Act.BEGIN_REVIEW, lambda each: each.begin_review())
    assert await rules_of(intake, number) == ["R01", "R04"]
