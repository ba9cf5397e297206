"""The clock of cases in the worker: one minute before there is no card, one minute after there is one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import working_days
from contracts.events.application import CaseAccepted, CaseRenewalDeemed
from contracts.values import CaseNumber, OfficerId
from services.application.domain.case import Citation, Extension, Hearing, Inside, Notice, Procedure, Special, Suspension
from services.application.domain.lifecycle import Act, Status
from services.application.domain.limits import Renewal
from services.application.repository import rebuilt
from services.application.tables import cases as rows
from services.application.tables import clocks
from tests.component.application.clocked import OFFICER, acts_of, case_of, moved, pass_at, rules_of
from tests.component.application.conftest import Intake
from tests.component.application.test_documents import fetched, listed
from tests.component.application.test_seen import told
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.service import published

MINUTE = timedelta(minutes=1)
STEPS = [
    {"name": "受理", "working_days": 2, "provenance": "illustrative"},
    {"name": "审查", "working_days": 3, "provenance": "illustrative"},
]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.fixture
async def intake(intake: Intake) -> Intake:
    """A matter without limits of its steps, so that the cards of a case are those that a test is about."""
    publish(intake)
    return intake


def publish(intake: Intake, **changes: Any) -> None:
    said = cases.definition(**({"steps": []} | changes))
    for query in ("", "?version=1"):
        intake.neighbours.answers("catalogue", "GET", f"/matters/{cases.TASK}/definition{query}", said)


async def submitted(intake: Intake) -> CaseNumber:
    return await intake.submitted()


async def accepted(intake: Intake) -> CaseNumber:
    number = await intake.submitted()
    assert (await intake.act(number, "acceptance")).status_code == 200
    return number


async def reviewed(intake: Intake) -> CaseNumber:
    number = await accepted(intake)
    await moved(intake, number, Act.BEGIN_REVIEW, lambda case: case.begin_review())
    return number


async def with_steps(intake: Intake) -> CaseNumber:
    publish(intake, steps=STEPS)
    return await submitted(intake)


async def accepted_with_steps(intake: Intake) -> CaseNumber:
    publish(intake, steps=STEPS)
    return await accepted(intake)


async def in_prereview(intake: Intake) -> CaseNumber:
    number = await submitted(intake)
    await moved(intake, number, Act.BEGIN_PREREVIEW, lambda case: case.begin_prereview())
    return number


async def suspended(intake: Intake) -> CaseNumber:
    number = await reviewed(intake)
    stop = Suspension(Special.EXPERT_REVIEW, "示例", TODAY, 4)
    await moved(intake, number, Act.SUSPEND, lambda case: case.suspend(stop))
    return number


async def surveyed(intake: Intake) -> CaseNumber:
    number = await reviewed(intake)
    survey = Procedure(Inside.SURVEY, Citation("procedure:1", "现场核查"), "示例", TODAY, 3)
    await moved(intake, number, Act.BEGIN_PROCEDURE, lambda case: case.begin_procedure(survey))
    return number


async def to_be_heard(intake: Intake) -> CaseNumber:
    publish(intake, promised_working_days=60, statutory_working_days=60)
    number = await reviewed(intake)
    hearing = Hearing(TODAY, date(2026, 12, 1), asked_at=TODAY, hold_until=date(2026, 12, 22))
    await moved(intake, number, Act.OFFER_HEARING, lambda case: replace(case, hearing=hearing, revision=case.revision + 1))
    return number


async def granted(intake: Intake) -> CaseNumber:
    return await intake.granted()


@pytest.mark.parametrize(
    ("begin", "rule", "at"),
    [
        (accepted, "R01", "2026-12-04 10:36"),
        (with_steps, "R02", "2026-11-26 17:00"),
        (accepted_with_steps, "R02", "2026-11-27 17:00"),
        (in_prereview, "R02", "2026-11-25 10:00"),
        (surveyed, "R02", "2026-11-27 17:00"),
        (granted, "R02", "2026-12-08 17:00"),
        (to_be_heard, "R02", "2026-12-22 17:00"),
        (submitted, "R03", "2026-12-01 17:00"),
        (accepted, "R04", "2026-12-07 17:00"),
        (accepted, "R05", "2026-12-22 17:00"),
        (granted, "R05", "2026-12-22 17:00"),
        (suspended, "R08", "2026-11-30 17:00"),
    ],
)
async def test_one_minute_before_there_is_no_card_and_one_after_there_is_one(
    intake: Intake, begin: Callable[[Intake], Awaitable[CaseNumber]], rule: str, at: str
) -> None:
    number = await begin(intake)
    await pass_at(intake, shanghai(at) - MINUTE)
    assert rule not in await rules_of(intake, number)
    await pass_at(intake, shanghai(at) + MINUTE)
    await pass_at(intake, shanghai(at) + 2 * MINUTE)
    assert (await rules_of(intake, number)).count(rule) == 1


async def held_up(intake: Intake, number: CaseNumber) -> int:
    """How often the applicant was told that a step of their case is held up."""
    return len([each for each in await told(intake, number) if (each["event"], each["channel"]) == ("step_held_up", "sms")])


@pytest.mark.parametrize(
    ("begin", "at"),
    [
        (with_steps, "2026-11-26 17:00"),
        (accepted_with_steps, "2026-11-27 17:00"),
        (in_prereview, "2026-11-25 10:00"),
        (surveyed, "2026-11-27 17:00"),
        (granted, "2026-12-08 17:00"),
        (to_be_heard, "2026-12-22 17:00"),
        (suspended, "2026-11-30 17:00"),
    ],
)
async def test_the_applicant_is_told_once_that_a_step_is_held_up_past_its_limit(
    intake: Intake, begin: Callable[[Intake], Awaitable[CaseNumber]], at: str
) -> None:
    number = await begin(intake)
    await pass_at(intake, shanghai(at) - MINUTE)
    assert await held_up(intake, number) == 0
    await pass_at(intake, shanghai(at) + MINUTE)
    await pass_at(intake, shanghai(at) + 2 * MINUTE)
    assert await held_up(intake, number) == 1
    assert "queued" in {each["state"] for each in await told(intake, number) if each["event"] == "step_held_up"}


async def test_a_step_whose_term_moves_is_told_of_once_and_another_step_again(intake: Intake) -> None:
    number = await accepted_with_steps(intake)
    await pass_at(intake, shanghai("2026-11-27 17:01"))
    assert await held_up(intake, number) == 1
    extension = Extension(1, "示例", OFFICER, intake.clock.now())
    await moved(intake, number, Act.EXTEND, lambda case: case.extend(extension, calendar=working_days.known()))
    await pass_at(intake, shanghai("2026-11-30 17:01"))
    assert await held_up(intake, number) == 1
    await moved(intake, number, Act.BEGIN_REVIEW, lambda case: case.begin_review())
    for day in ("2026-12-01", "2026-12-02"):
        survey = Procedure(Inside.SURVEY, Citation("procedure:1", "现场核查"), "示例", intake.clock.now(), 0)
        await moved(intake, number, Act.BEGIN_PROCEDURE, lambda case, survey=survey: case.begin_procedure(survey))
        await pass_at(intake, shanghai(f"{day} 17:01"))
        done = {"at": intake.clock.now(), "outcome": "符合", "officers": (OFFICER, OfficerId("hp-090"))}
        await moved(intake, number, Act.END_PROCEDURE, lambda case, done=done: case.end_procedure("survey", **done))
    assert await held_up(intake, number) == 3


async def test_a_hearing_that_is_late_by_a_full_term_is_red(intake: Intake) -> None:
    number = await to_be_heard(intake)
    await pass_at(intake, shanghai("2027-01-19 17:00") - MINUTE)
    assert "R05" not in await rules_of(intake, number)
    await pass_at(intake, shanghai("2027-01-19 17:00") + MINUTE)
    assert "R05" in await rules_of(intake, number)


async def test_who_was_told_nothing_is_accepted_from_the_day_of_receipt(intake: Intake) -> None:
    intake.clock.advance(shanghai("2026-11-28 11:00") - TODAY)
    number = await intake.submitted()
    await pass_at(intake, shanghai("2026-12-07 17:01"))
    case = await case_of(intake, number)
    assert (case.status, case.is_deemed_accepted, case.accepted_at) == (Status.ACCEPTED, True, shanghai("2026-11-30 09:00"))
    assert case.due
    assert case.due.on == date(2026, 12, 11)
    assert [event.accepted_at for event in await published(intake.database, CaseAccepted)] == [case.accepted_at]
    assert [each["event"] for each in await acts_of(intake, number)] == ["submitted", "deemed_accepted"]


async def test_several_workers_do_what_happens_once(intake: Intake) -> None:
    number = await intake.submitted()
    await asyncio.gather(*(pass_at(intake, shanghai("2026-12-01 17:01")) for _ in range(3)))
    assert await rules_of(intake, number) == ["R03"]
    assert [each["event"] for each in await acts_of(intake, number)] == ["submitted", "deemed_accepted"]


async def test_a_promise_that_ended_before_deemed_acceptance_counts_from_it(intake: Intake) -> None:
    publish(intake, promised_working_days=3)
    number = await intake.submitted()
    await pass_at(intake, shanghai("2026-12-01 17:01"))
    case = await case_of(intake, number)
    assert case.due
    assert case.due.on == date(2026, 12, 4)
    assert await rules_of(intake, number) == ["R03"]


async def test_other_types_know_no_deemed_acceptance(intake: Intake) -> None:
    number = await intake.submitted()
    other = f"{cases.TASK[:21]}07{cases.TASK[23:]}"
    async with intake.database.transaction() as session:
        await session.execute(sa.update(rows).values(task_code=other))
    await pass_at(intake, shanghai("2026-12-31 17:01"))
    assert (await case_of(intake, number)).status is Status.SUBMITTED
    assert await rules_of(intake, number) == []


async def test_a_notice_that_nobody_answers_ends_the_case(intake: Intake) -> None:
    number = await intake.submitted()
    notice = Notice("照片不清晰", ("vaccination-proof",), (), TODAY)
    await moved(intake, number, Act.REQUEST_CORRECTION, lambda case: case.request_correction(notice))
    await pass_at(intake, shanghai("2026-12-08 17:00"))
    assert (await case_of(intake, number)).status is Status.CORRECTION
    await pass_at(intake, shanghai("2026-12-08 17:01"))
    case = await case_of(intake, number)
    assert (case.status, case.terminated_for) == (Status.TERMINATED, "correction_timeout")
    await pass_at(intake, shanghai("2027-03-08 17:01"))
    assert await rules_of(intake, number) == []


async def test_the_days_of_intake_start_again_with_the_answer(intake: Intake) -> None:
    number = await intake.submitted()
    notice = Notice("照片不清晰", ("vaccination-proof",), (), TODAY)
    await moved(intake, number, Act.REQUEST_CORRECTION, lambda case: case.request_correction(notice))
    intake.clock.advance(shanghai("2026-11-30 18:00") - intake.clock.now())
    case = await moved(intake, number, Act.CORRECT, lambda case: case.correct())
    assert case.corrected_at == shanghai("2026-11-30 18:00")
    await pass_at(intake, shanghai("2026-12-08 16:59"))
    assert (await case_of(intake, number)).status is Status.SUBMITTED
    await pass_at(intake, shanghai("2026-12-08 17:01"))
    case = await case_of(intake, number)
    assert (case.status, case.accepted_at) == (Status.ACCEPTED, shanghai("2026-12-01 09:00"))


async def test_a_suspension_stops_the_promise_and_has_no_due_day(intake: Intake) -> None:
    number = await suspended(intake)
    assert (await case_of(intake, number)).due is None
    intake.clock.advance(timedelta(days=7))
    case = await moved(intake, number, Act.RESUME, lambda case: case.resume(at=intake.clock.now()))
    assert case.due
    assert case.due.on == date(2026, 12, 14)
    extension = Extension(5, "示例", OFFICER, intake.clock.now())
    extended = await moved(intake, number, Act.EXTEND, lambda each: each.extend(extension, calendar=working_days.known()))
    assert extended.due
    assert (extended.due.on, extended.due.is_provisional) == (date(2026, 12, 21), True)


async def test_whoever_moves_a_case_too_late_leaves_its_cards(intake: Intake) -> None:
    number = await accepted(intake)
    intake.clock.advance(shanghai("2026-12-08 09:00") - TODAY)
    assert (await intake.act(number, "decision", "hp-002", outcome="refuse", reason="不符合条件")).status_code == 200
    assert await rules_of(intake, number) == ["R01", "R04"]


async def test_no_decision_by_the_last_day_of_a_certificate_renews_it(intake: Intake) -> None:
    number = await accepted(intake)
    renews = Renewal(cases.CARD_IDENTIFIER, date(2026, 12, 24))
    await moved(intake, number, Act.RECOUNT, lambda case: replace(case, renews=renews, revision=case.revision + 1))
    await pass_at(intake, shanghai("2026-12-24 23:59"))
    assert await published(intake.database, CaseRenewalDeemed) == []
    await pass_at(intake, shanghai("2026-12-25 00:01"))
    await pass_at(intake, shanghai("2026-12-25 00:02"))
    [event] = await published(intake.database, CaseRenewalDeemed)
    assert (event.certificate, event.renewed_from) == (cases.CARD_IDENTIFIER, date(2026, 12, 25))
    assert (await acts_of(intake, number))[-1]["event"] == "renewal_deemed"
    case = await case_of(intake, number)
    assert (case.status, case.renews) == (Status.ACCEPTED, replace(renews, renewed_at=shanghai("2026-12-25 00:00")))
    async with intake.database.reading() as session:
        assert await rebuilt(session, case.id) == case
    said = await listed(intake, number)
    assert [each["kind"] for each in said] == ["acceptance", "renewal"]
    assert said[1]["zh"] == "行政许可视为准予延续告知书"
    text = (await fetched(intake, number, said[1]["id"], "?format=text")).text
    for part in (cases.CARD_IDENTIFIER, "2026年12月24日", "2026年12月25日", "counts as renewed"):
        assert part in text, part
    assert [each["event"] for each in await told(intake, number) if each["channel"] == "sms"][-1] == "renewal_deemed"


@pytest.mark.parametrize(
    ("said", "renews"),
    [
        ({"name": "居民身份证（延续）"}, True),
        ({"name": "居民身份证（延续）", "is_renewal": False}, False),
        ({"name": "居民身份证换领", "is_renewal": True}, True),
        ({"name": "居民身份证换领"}, False),
    ],
)
async def test_a_case_renews_the_certificate_that_the_matter_gives(intake: Intake, said: dict[str, Any], renews: bool) -> None:
    holding = cases.holding().model_copy(update={"valid_until": date(2026, 12, 24)})
    intake.neighbours.answers("certificate", "POST", "/holdings", [holding])
    publish(intake, result_certificate_type=cases.CARD, **said)
    number = await intake.submitted()
    if not renews:
        assert (await case_of(intake, number)).renews is None
        return
    assert (await case_of(intake, number)).renews == Renewal(cases.CARD_IDENTIFIER, date(2026, 12, 24))
    async with intake.database.reading() as session:
        assert (await rebuilt(session, (await case_of(intake, number)).id)).renews is not None


async def test_a_prereview_beyond_its_hours_comes_first(intake: Intake) -> None:
    await in_prereview(intake)
    await pass_at(intake, TODAY + timedelta(hours=24, minutes=1))
    async with intake.database.reading() as session:
        row = (await session.execute(sa.select(clocks))).one()
    assert (row.is_first, row.prereview_due_at, row.due_at) == (True, TODAY + timedelta(hours=24), TODAY + timedelta(hours=24))


async def test_a_clock_that_nothing_moved_is_not_written_again(intake: Intake) -> None:
    number = await accepted(intake)
    version = sa.select(sa.literal_column("xmin::text")).select_from(clocks)
    async with intake.database.reading() as session:
        before = (await session.execute(version)).scalar_one()
    await moved(intake, number, Act.BEGIN_REVIEW, lambda case: case.begin_review())
    async with intake.database.reading() as session:
        assert (await session.execute(version)).scalar_one() == before
