"""Histories of cases, drawn at random, each as the service says it and as the minute model does."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from chassis.working_days import WorkingDays
from contracts.values import CaseId, CaseNumber, CertificateIdentifier, OfficerId, TaskCode
from services.application.domain.alarms import Alarm, alarms
from services.application.domain.applicant import Applicant
from services.application.domain.case import (
    Case,
    Citation,
    Course,
    Extension,
    Hearing,
    Inside,
    Notice,
    Procedure,
    Special,
    Suspension,
)
from services.application.domain.clock import Terms, terms
from services.application.domain.lifecycle import Status
from services.application.domain.limits import Limits, Renewal, StepLimit
from services.application.domain.schedule import Hours, Schedule
from services.application.repository.schedules import first_schedule
from tests.support import cases
from tests.unit.application.minute_model import DAY, FIRST, History, Office, Stop, Survey, expected, is_sure

# No summer time in Shanghai since 1991: the model does not need the tables of zones that the service uses.
_SHANGHAI: Final = timezone(timedelta(hours=8))
_ZERO: Final = datetime.combine(FIRST, time(), _SHANGHAI)
_OTHER_TYPE: Final = TaskCode(f"{cases.TASK[:21]}07{cases.TASK[23:]}")
_HOURS: Final = ((9 * 60, 17 * 60), (8 * 60 + 30, 16 * 60 + 30), (9 * 60, 18 * 60 + 30), (10 * 60, 14 * 60))
_OFFICER: Final = OfficerId("hp-001")
_DAYS: Final = (0, 0, 1, 1, 2, 3, 5, 5, 6, 8, 10, 20)


@dataclass(frozen=True)
class City:
    """A calendar and office hours, as the service has them and as the model does."""

    schedule: Schedule
    office: Office


@dataclass(frozen=True)
class Compared:
    """One history: how many terms it has, and in what the two differ."""

    terms: frozenset[str]
    said: str


def differences(seed: int, count: int, *, cities_of: int = 8) -> Iterator[Compared]:
    """Every history once, by the service and by the model."""
    known = cities(seed, cities_of)
    for number, history in enumerate(histories(seed, count)):
        city, case = known[number % cities_of], case_of(history)
        ours, wanted = found(case, city.schedule), expected(history, city.office)
        settled = {name: is_sure(city.office, wanted[name]) for name in wanted}
        wrong = {name: (ours.get(name), end) for name, end in wanted.items() if ours.get(name) != instant(end)}
        wrong |= {name: (at, None) for name, at in ours.items() if name not in wanted}
        unsure = {name: said for name, said in sure(case, city.schedule).items() if said is not settled.get(name)}
        yield Compared(frozenset(wanted), f"{number}: {wrong} {unsure} {history}" if wrong or unsure else "")


def instant(minute: int) -> datetime:
    return (_ZERO + timedelta(minutes=minute)).astimezone(UTC)


def cities(seed: int, count: int) -> list[City]:
    return [_city(random.Random(f"{seed}/{number}")) for number in range(count)]


def histories(seed: int, count: int) -> Iterator[History]:
    draw = random.Random(seed)
    for _ in range(count):
        yield drawn(draw)


def drawn(draw: random.Random) -> History:
    said = History(
        is_licence=draw.random() < 0.7,
        promised=draw.choice(_DAYS),
        statutory=draw.choice((None, 1, 5, 15, 20, 45)),
        intake_step=draw.choice((0, 1, 2)),
        review_step=draw.choice((0, 1, 3, 7)),
        result_step=draw.choice((0, 0, 2)),
        submitted=_minute(draw, 10 * DAY, 700 * DAY),
    )
    if draw.random() < 0.15:
        said.expires = said.submitted // DAY + draw.randrange(20, 60)
    now = said.submitted
    if draw.random() < 0.4:
        said.asked = now = now + _later(draw)
        if draw.random() < 0.2:
            return said
        said.answered = now = now + _later(draw)
    if draw.random() < 0.2:
        said.is_prereview = draw.random() < 0.5
        return said
    if said.is_licence and draw.random() < 0.25:
        said.is_deemed = True
        now += 14 * DAY
    else:
        said.accepted = now = now + _later(draw)
    _review(draw, said, now)
    return said


def _review(draw: random.Random, said: History, now: int) -> None:
    for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
        now += draw.choice((0, 30, _later(draw)))
        stop = Stop(now, draw.randrange(1, 25))
        said.stops.append(stop)
        if draw.random() < 0.1:
            return
        stop.until = now = now + draw.choice((0, 45, _later(draw), 15 * DAY))
    if draw.random() < 0.25:
        said.extension = draw.randrange(1, 11)
    if draw.random() < 0.2:
        said.told = now
        if draw.random() < 0.7:
            said.hearing_asked = now + draw.randrange(5 * DAY)
            if draw.random() < 0.5:
                said.held = said.hearing_asked + _later(draw)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        began = now + _later(draw)
        said.surveys.append(Survey(began, draw.randrange(1, 15), began + _later(draw) if draw.random() < 0.3 else None))
    if draw.random() < 0.2:
        said.decided = now + _later(draw)


def case_of(said: History) -> Case:
    """The case that had this history."""
    task = cases.TASK if said.is_licence else _OTHER_TYPE
    steps = (("受理", said.intake_step), ("审查", said.review_step), ("送达", said.result_step))
    case = Case(
        id=CaseId.new(),
        number=CaseNumber.of(task, date(2026, 11, 24), 1),
        applicant=Applicant(cases.PERSON),
        task_code=task,
        version=1,
        matter_name="犬类准养证核发",
        agency=cases.AGENCY,
        agency_name="示例·黄浦区公安分局",
        division=cases.HUANGPU,
        promised_working_days=said.promised,
        is_illustrative=True,
        submitted_at=instant(said.submitted),
        status=_status(said),
        limits=Limits(said.statutory, tuple(StepLimit(*step) for step in steps if step[1])),
    )
    if said.asked is not None:
        case = replace(case, notice=Notice("照片不清晰", ("photo",), (), instant(said.asked)))
    if said.answered is not None:
        case = replace(case, corrected_at=instant(said.answered))
    if said.accepted is not None:
        case = replace(case, accepted_at=instant(said.accepted))
    if said.is_deemed:
        case = replace(case, accepted_at=case.corrected_at or case.submitted_at, is_deemed_accepted=True)
    if said.expires is not None:
        identifier = CertificateIdentifier.of(cases.LICENCE, cases.AGENCY, "0000000001", 1)
        case = replace(case, renews=Renewal(identifier, FIRST + timedelta(days=said.expires)))
    return _reviewed(case, said)


def found(case: Case, schedule: Schedule) -> dict[str, datetime]:
    """What the service says, under the names of the model."""
    said = terms(case, schedule)
    ends = {
        "received": said.received_at,
        "prereview": said.prereview_due_at,
        "renewal": said.renewal_at,
        **{name: term.at if term else None for name, term in _named(said).items()},
    }
    surveys = [number for number, each in enumerate(case.course.procedures) if each.until is None and case.decided_at is None]
    ends |= {f"survey {number}": term.at for number, (_, term) in zip(surveys, said.procedures, strict=True)}
    for due in alarms(case, said, schedule):
        if due.alarm is Alarm.WARNING:
            ends["warning"] = due.at
        if due.alarm in {Alarm.RESULT_AGAIN, Alarm.HEARING_AGAIN}:
            ends[due.alarm.replace("-", " ")] = due.end
    return {name: at for name, at in ends.items() if at is not None}


def sure(case: Case, schedule: Schedule) -> dict[str, bool]:
    """Which of the terms no later notice moves."""
    return {name: not term.is_provisional for name, term in _named(terms(case, schedule)).items() if term}


def _named(said: Terms) -> dict[str, object]:
    return {
        "intake": said.intake,
        "correction": said.correction,
        "promise": said.promise,
        "statutory": said.statutory,
        "step": said.step,
        "suspension": said.suspension,
        "result": said.result,
        "hearing request": said.hearing_request,
        "hearing": said.hearing,
    }


def _status(said: History) -> Status:
    if said.decided is not None:
        return Status.GRANTED
    if said.accepted is not None or said.is_deemed:
        is_suspended = any(stop.until is None for stop in said.stops)
        return Status.SUSPENDED if is_suspended else Status.REVIEWING
    if said.asked is not None and said.answered is None:
        return Status.CORRECTION
    return Status.PREREVIEW if said.is_prereview else Status.SUBMITTED


def _reviewed(case: Case, said: History) -> Case:
    stops = tuple(
        Suspension(Special.EXPERT_REVIEW, "示例", instant(each.since), each.expected_days, _at(each.until)) for each in said.stops
    )
    surveys = tuple(
        Procedure(Inside.SURVEY, Citation("procedure:1", "现场核查"), "示例", instant(each.since), each.limit, _at(each.until))
        for each in said.surveys
    )
    case = replace(case, suspensions=stops, course=Course(procedures=surveys))
    if said.extension:
        case = replace(case, extension=Extension(said.extension, "示例", _OFFICER, case.submitted_at))
    if said.told is not None:
        hearing = Hearing(instant(said.told), date(2026, 1, 1), asked_at=_at(said.hearing_asked), held_at=_at(said.held))
        case = replace(case, hearing=hearing)
    return replace(case, decided_at=_at(said.decided))


def _at(minute: int | None) -> datetime | None:
    return None if minute is None else instant(minute)


def _city(draw: random.Random) -> City:
    days = [FIRST + timedelta(days=number) for number in range(3 * 366)]
    off = {day for day in days if draw.random() < 0.04}
    for _ in range(6):
        start = draw.randrange(len(days) - 10)
        off |= set(days[start : start + draw.randrange(2, 9)])
    worked = {day for day in days if day.weekday() >= 5 and draw.random() < 0.06}
    off -= worked
    opens, closes = draw.choice(_HOURS)
    last_year = draw.choice((2025, 2026))
    calendar = WorkingDays(frozenset(off), frozenset(worked), last_year)
    hours = Hours(time(opens // 60, opens % 60), time(closes // 60, closes % 60))
    return City(replace(first_schedule(), calendar=calendar, usual=hours), Office(off, worked, last_year, opens, closes))


def _minute(draw: random.Random, first: int, last: int) -> int:
    """Often near the borders of office hours, where the mistakes are."""
    day = draw.randrange(first // DAY, last // DAY) * DAY
    near = draw.choice((0, 1439, 9 * 60, 9 * 60 - 1, 17 * 60, 17 * 60 + 1, 16 * 60 + 30, 8 * 60 + 30, 18 * 60 + 30, 12 * 60))
    return day + (near if draw.random() < 0.6 else draw.randrange(DAY))


def _later(draw: random.Random) -> int:
    return draw.choice((1, 45, 8 * 60, DAY, 2 * DAY + 37, 5 * DAY, 9 * DAY + 600))
