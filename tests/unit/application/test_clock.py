"""The worked dates of the law and the rulings, one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

import pytest

from chassis.working_days import Notice, calendar, notices
from contracts.values import OfficerId, TaskCode
from services.application.domain.alarms import Alarm, alarms, warning_at
from services.application.domain.case import Case, Extension, Hearing, Special, Suspension
from services.application.domain.case import Notice as Told
from services.application.domain.clock import Term, promise_end, terms
from services.application.domain.lifecycle import Status
from services.application.domain.limits import Limits, Renewal, StepLimit, limits_of
from services.application.domain.schedule import Hours, Schedule
from services.application.repository.clocks import clock_row
from services.application.repository.rules import rules
from services.application.repository.schedules import first_schedule
from tests.support import cases
from tests.support.walks import IDENTIFIER, submitted

SCHEDULE: Final = first_schedule()
OTHER_TYPE: Final = TaskCode(f"{cases.TASK[:21]}07{cases.TASK[23:]}")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def accepted(day: str, promise: int, **changes: Any) -> Case:
    accepted_at = at(f"{day} 10:00")
    return submitted(status=Status.REVIEWING, submitted_at=accepted_at, accepted_at=accepted_at, promised_working_days=promise, **changes)


def stopped(since: str, until: str | None) -> Suspension:
    return Suspension(Special.EXPERT_REVIEW, "示例", at(f"{since} 10:00"), 5, at(f"{until} 16:00") if until else None)


def promise(case: Case, schedule: Schedule = SCHEDULE) -> str:
    found = terms(case, schedule).promise
    assert found
    return found.at.astimezone(UTC).isoformat()


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2025-09-30", 5, "2025-10-14"),
        ("2026-01-02", 1, "2026-01-04"),
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-03-02", 10, "2026-03-16"),
        ("2026-09-16", 10, "2026-09-30"),
    ],
)
def test_a_promise_ends_at_the_close_of_business_of_its_last_day(day: str, days: int, due: str) -> None:
    assert promise(accepted(day, days)) == at(f"{due} 17:00").isoformat()


@pytest.mark.parametrize(
    ("day", "since", "until", "due"),
    [("2026-03-02", "2026-03-06", "2026-03-20", "2026-03-31"), ("2026-09-16", "2026-09-22", "2026-10-12", "2026-10-20")],
)
def test_the_days_of_a_special_procedure_do_not_count_first_and_last_included(day: str, since: str, until: str, due: str) -> None:
    assert promise(accepted(day, 10, suspensions=(stopped(since, until),))) == at(f"{due} 17:00").isoformat()


def test_an_open_suspension_has_no_due_and_an_end_that_was_announced() -> None:
    case = replace(accepted("2026-03-02", 10, suspensions=(stopped("2026-03-06", None),)), status=Status.SUSPENDED)
    found = terms(case, SCHEDULE)
    assert (found.promise, found.statutory, found.suspension) == (None, None, Term(at("2026-03-13 17:00")))
    assert clock_row(case, SCHEDULE, at=at("2026-03-30 10:00"))["promise_due_at"] is None


@pytest.mark.parametrize(
    ("came", "counts"),
    [
        ("2026-11-24 10:00", "2026-11-24 10:00"),
        ("2026-11-24 09:00", "2026-11-24 09:00"),
        ("2026-11-24 08:59", "2026-11-24 09:00"),
        ("2026-11-24 17:00", "2026-11-24 17:00"),
        ("2026-11-24 17:00:01", "2026-11-25 09:00"),
        ("2026-11-28 10:00", "2026-11-30 09:00"),
        ("2026-02-14 10:00", "2026-02-14 10:00"),
        ("2026-02-14 17:01", "2026-02-24 09:00"),
        ("2026-10-10 23:59", "2026-10-12 09:00"),
    ],
)
def test_what_comes_when_the_office_is_closed_is_received_when_it_opens(came: str, counts: str) -> None:
    assert terms(submitted(submitted_at=at(came)), SCHEDULE).received_at == at(counts)


def test_a_unit_that_keeps_other_hours_closes_by_its_own() -> None:
    own = replace(SCHEDULE, units={"11310101TE5T0101U1": Hours(time(8, 30), time(16, 30))})
    case = accepted("2026-03-02", 10, receiving_unit="11310101TE5T0101U1")
    assert (promise(case, own), promise(case)) == (at("2026-03-16 16:30").isoformat(), at("2026-03-16 17:00").isoformat())


def test_five_days_from_receipt_through_prereview_and_again_from_the_answer() -> None:
    case = submitted(submitted_at=at("2026-02-12 18:00"))
    assert terms(case, SCHEDULE).intake == Term(at("2026-02-27 17:00"))
    prereview = replace(case, status=Status.PREREVIEW)
    assert (terms(prereview, SCHEDULE).intake, terms(prereview, SCHEDULE).prereview_due_at) == (
        Term(at("2026-02-27 17:00")),
        at("2026-02-13 18:00"),
    )
    told = Told("照片不清晰", ("photo",), (), at("2026-02-26 11:00"))
    waiting = replace(case, status=Status.CORRECTION, notice=told)
    assert (terms(waiting, SCHEDULE).intake, terms(waiting, SCHEDULE).correction) == (None, Term(at("2026-03-11 17:00")))
    corrected = replace(case, notice=told, corrected_at=at("2026-03-07 12:00"))
    assert (terms(corrected, SCHEDULE).received_at, terms(corrected, SCHEDULE).intake) == (
        at("2026-03-09 09:00"),
        Term(at("2026-03-16 17:00")),
    )


def test_a_step_of_the_review_that_asks_does_not_stop_the_clock() -> None:
    case = accepted("2026-03-02", 10)
    assert terms(replace(case, status=Status.CORRECTION), SCHEDULE).promise == terms(case, SCHEDULE).promise


@pytest.mark.parametrize(
    ("promised", "due"), [(3, "2026-12-04"), (5, "2026-12-08"), (6, "2026-12-02"), (9, "2026-12-07"), (0, "2026-12-01")]
)
def test_deemed_acceptance_counts_from_receipt_and_a_promise_over_before_it_from_then(promised: int, due: str) -> None:
    came = at("2026-11-24 10:00")
    case = submitted(status=Status.ACCEPTED, submitted_at=came, accepted_at=came, is_deemed_accepted=True, promised_working_days=promised)
    assert promise(case) == at(f"{due} 17:00").isoformat()


@pytest.mark.parametrize(
    ("accepted_at", "due"), [("2026-11-24 10:00", "2026-11-24"), ("2026-11-24 17:30", "2026-11-25"), ("2026-11-28 11:00", "2026-11-30")]
)
def test_what_is_done_on_the_spot_is_due_the_same_day(accepted_at: str, due: str) -> None:
    case = replace(accepted("2026-11-24", 0), accepted_at=at(accepted_at))
    assert promise(case) == at(f"{due} 17:00").isoformat()


def test_an_extension_moves_the_promise_and_the_statutory_term() -> None:
    case = accepted("2026-03-02", 5, limits=Limits(20))
    moved = replace(case, extension=Extension(10, "示例", OfficerId("hp-001"), at("2026-03-05 10:00")))
    assert (terms(case, SCHEDULE).promise, terms(case, SCHEDULE).statutory) == (Term(at("2026-03-09 17:00")), Term(at("2026-03-30 17:00")))
    assert (terms(moved, SCHEDULE).promise, terms(moved, SCHEDULE).statutory) == (
        Term(at("2026-03-23 17:00")),
        Term(at("2026-04-14 17:00")),
    )


def test_the_terms_of_the_statute_are_those_of_licences_and_others_have_the_published_ones() -> None:
    steps = (StepLimit("受理", 2), StepLimit("审查", 3), StepLimit("决定", 1), StepLimit("送达", 4))
    case = submitted(task_code=OTHER_TYPE, submitted_at=at("2026-03-02 10:00"), limits=Limits(15, steps))
    found = terms(case, SCHEDULE)
    assert (found.intake, found.step) == (None, Term(at("2026-03-04 17:00")))
    reviewed = terms(replace(accepted("2026-03-02", 10), task_code=OTHER_TYPE, limits=Limits(15, steps)), SCHEDULE)
    assert (reviewed.step, reviewed.statutory) == (Term(at("2026-03-06 17:00")), Term(at("2026-03-23 17:00")))
    granted = replace(accepted("2026-03-02", 10), status=Status.GRANTED, decided_at=at("2026-03-09 10:00"), limits=Limits(15, steps))
    assert terms(granted, SCHEDULE).result == Term(at("2026-03-23 17:00"))
    assert terms(replace(granted, task_code=OTHER_TYPE), SCHEDULE).result == Term(at("2026-03-13 17:00"))
    told = Hearing(at("2026-03-03 10:00"), date(2026, 3, 10))
    assert terms(accepted("2026-03-02", 10, hearing=told), SCHEDULE).hearing_request == Term(at("2026-03-10 17:00"))
    assert terms(accepted("2026-03-02", 10, hearing=told, task_code=OTHER_TYPE), SCHEDULE).hearing_request is None
    asked = replace(told, asked_at=at("2026-03-05 10:00"))
    assert terms(accepted("2026-03-02", 10, hearing=asked), SCHEDULE).hearing == Term(at("2026-04-02 17:00"))


@pytest.mark.parametrize(
    ("asked", "expires", "renewed"),
    [
        ("2026-09-01 10:00", date(2026, 10, 1), "2026-10-02 00:00"),
        ("2026-09-02 10:00", date(2026, 10, 1), None),
        ("2026-08-01 10:00", date(2026, 10, 3), "2026-10-04 00:00"),
    ],
)
def test_a_renewal_asked_thirty_days_before_is_deemed_from_the_day_after(asked: str, expires: date, renewed: str | None) -> None:
    case = submitted(submitted_at=at(asked), renews=Renewal(IDENTIFIER, expires))
    assert terms(case, SCHEDULE).renewal_at == (at(renewed) if renewed else None)
    assert terms(replace(case, task_code=OTHER_TYPE), SCHEDULE).renewal_at is None
    assert terms(replace(case, status=Status.GRANTED), SCHEDULE).renewal_at is None


@pytest.mark.parametrize(
    ("promised", "warned"),
    [(1, None), (0, None), (2, "2026-03-03 17:00"), (5, "2026-03-06 17:00"), (10, "2026-03-12 17:00"), (9, "2026-03-12 10:36")],
)
def test_the_blue_card_comes_at_a_fifth_and_never_less_than_a_day_before(promised: int, warned: str | None) -> None:
    case = accepted("2026-03-02", promised)
    found = terms(case, SCHEDULE).promise
    assert found
    assert warning_at(case, found, SCHEDULE) == (at(warned) if warned else None)


@pytest.mark.parametrize(("day", "is_provisional"), [("2026-12-14", False), ("2026-12-15", True), ("2027-03-01", True)])
def test_what_a_later_notice_may_move_is_provisional(day: str, is_provisional: bool) -> None:
    found = terms(accepted(day, 1), SCHEDULE).promise
    assert found
    assert found.is_provisional is is_provisional


def test_a_year_that_becomes_known_settles_what_was_provisional() -> None:
    known = {**notices(), 2027: Notice(frozenset({date(2027, 1, 1)}), frozenset())}
    later = replace(SCHEDULE, calendar=calendar(known))
    case = accepted("2026-12-24", 6)
    assert (terms(case, SCHEDULE).promise, terms(case, later).promise) == (
        Term(at("2027-01-01 17:00"), is_provisional=True),
        Term(at("2027-01-04 17:00")),
    )


def test_alarms_come_in_their_order_and_each_once() -> None:
    case = accepted("2026-03-02", 5, limits=Limits(20, (StepLimit("审查", 3),)))
    coming = alarms(case, terms(case, SCHEDULE), SCHEDULE)
    assert [due.alarm for due in coming] == [Alarm.STEP, Alarm.WARNING, Alarm.PROMISE, Alarm.STATUTORY]
    assert len({due.key for due in coming}) == len(coming)


def test_another_promise_is_counted_as_if_it_had_been_made() -> None:
    case = replace(accepted("2026-03-02", 5, suspensions=(stopped("2026-03-04", "2026-03-06"),)), status=Status.CLOSED)
    assert promise_end(case, 3, SCHEDULE) == Term(at("2026-03-10 17:00"))


def test_a_case_keeps_the_limits_of_its_version() -> None:
    steps = [{"name": name, "working_days": days, "provenance": "illustrative"} for name, days in (("审查", 7), ("送达", 0))]
    assert limits_of(cases.definition(steps=steps)) == Limits(20, (StepLimit("审查", 7),))
    assert limits_of(cases.definition(statutory_working_days=0, steps=[])) == Limits()


def test_the_rule_table_has_ten_lines_with_a_reason_in_both_languages() -> None:
    assert [code.value for code in rules()] == [f"R{number:02d}" for number in range(1, 11)]
    assert {rule.colour for rule in rules().values()} == {"blue", "yellow", "red"}
    assert all(each.zh and each.en for rule in rules().values() for each in (rule.object, rule.condition))
