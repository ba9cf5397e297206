"""At which instants the clock has to do something about a case: cards that become true, and what the law says happens by itself.

Source: 行政许可法 Art. 32, 44, 47, 50; standards.md 4.6 and rulings 4 and 5 of 4.5; ADR-0046.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.working_days import local_day
from services.application.domain.case import Case
from services.application.domain.clock import HEARING_WORKING_DAYS, RESULT_WORKING_DAYS, Term, Terms, is_licence, stopped_days
from services.application.domain.lifecycle import INTAKE
from services.application.domain.schedule import Schedule, closing
from services.application.domain.supervision import RuleCode, Text
from services.application.domain.telling import about

_PAST: Final = timedelta(microseconds=1)


class Alarm(StrEnum):
    """What has become true."""

    WARNING = "warning"
    PREREVIEW = "prereview"
    STEP = "step"
    PROCEDURE = "procedure"
    INTAKE = "intake"
    CORRECTION = "correction"
    PROMISE = "promise"
    STATUTORY = "statutory"
    SUSPENSION = "suspension"
    RESULT = "result"
    RESULT_AGAIN = "result-again"
    HEARING = "hearing"
    HEARING_AGAIN = "hearing-again"
    RENEWAL = "renewal"


CARDS: Final[dict[Alarm, RuleCode]] = {
    Alarm.WARNING: RuleCode.R01,
    Alarm.PREREVIEW: RuleCode.R02,
    Alarm.STEP: RuleCode.R02,
    Alarm.PROCEDURE: RuleCode.R02,
    Alarm.INTAKE: RuleCode.R03,
    Alarm.PROMISE: RuleCode.R04,
    Alarm.STATUTORY: RuleCode.R05,
    Alarm.SUSPENSION: RuleCode.R08,
    Alarm.RESULT: RuleCode.R02,
    Alarm.RESULT_AGAIN: RuleCode.R05,
    Alarm.HEARING: RuleCode.R02,
    Alarm.HEARING_AGAIN: RuleCode.R05,
}
"""Which card an alarm raises; those that raise none only make something happen."""

TEXTS: Final[dict[Alarm, Text]] = {
    Alarm.WARNING: Text("承诺期限将至", "the promised term ends soon"),
    Alarm.PREREVIEW: Text("预审超过二十四小时", "the pre-review took longer than its hours"),
    Alarm.STEP: Text("环节超过公布的时限", "the step took longer than its published limit"),
    Alarm.PROCEDURE: Text("期限内进行的程序超过公布的时限", "a procedure inside the term took longer than its published limit"),
    Alarm.INTAKE: Text("逾期未告知，视为受理", "no notice came in time: deemed accepted"),
    Alarm.CORRECTION: Text("逾期未补正，视为撤回申请", "not corrected in time: deemed withdrawn"),
    Alarm.PROMISE: Text("超过承诺期限", "the promised term has passed"),
    Alarm.STATUTORY: Text("超过法定期限", "the statutory term has passed"),
    Alarm.SUSPENSION: Text("特别程序超过告知的期限", "the special procedure goes on past its announced end"),
    Alarm.RESULT: Text("决定后十个工作日内未颁发、送达", "the result was not delivered in its time after the decision"),
    Alarm.RESULT_AGAIN: Text("逾期一个时限仍未颁发、送达", "the result is late by one full term"),
    Alarm.HEARING: Text("申请听证后二十个工作日内未组织听证", "no hearing was held in its time after it was asked for"),
    Alarm.HEARING_AGAIN: Text("逾期一个时限仍未组织听证", "the hearing is late by one full term"),
    Alarm.RENEWAL: Text("有效期届满未作决定，视为准予延续", "no decision by the day of expiry: deemed renewed"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """An alarm that holds from `at` on. `end` is that of the term it is about, `about` the name of a procedure."""

    alarm: Alarm
    at: datetime
    end: datetime
    about: str = ""

    @property
    def key(self) -> str:
        """The same for the same occasion: a term that moves is another one."""
        return f"{self.alarm}|{self.about}|{self.end.timestamp():.0f}"


def held_up(case: Case, due: Due) -> str | None:
    """The step of the case that is held up past its limit, the same however its term moves; None where it is none."""
    match due.alarm:
        case Alarm.PREREVIEW | Alarm.RESULT | Alarm.HEARING:
            return about(due.alarm.value, "")
        case Alarm.STEP:
            return about("intake" if case.status in INTAKE else "review", "")
        case Alarm.PROCEDURE:
            running = case.course.running(due.about)
            return about(due.about, running.since.isoformat() if running else "")
        case Alarm.SUSPENSION:
            return about("suspension", case.suspensions[-1].since.isoformat())
        case _:
            return None


def alarms(case: Case, terms: Terms, schedule: Schedule) -> tuple[Due, ...]:
    """In the order in which they come true."""
    return tuple(sorted(_alarms(case, terms, schedule), key=lambda due: due.at))


def warning_at(case: Case, promise: Term, schedule: Schedule) -> datetime | None:
    """When no more is left of the promise than its part in minutes, never less than one working day; a day or less has no warning."""
    days = case.promised_working_days + (case.extension.working_days if case.extension else 0)
    if days <= 1:
        return None
    hours = schedule.hours(case.receiving_unit)
    left = max(hours.minutes, days * hours.minutes * schedule.practice.warning_percent // 100)
    whole, minutes = divmod(left, hours.minutes)
    day = schedule.back(local_day(promise.at), whole, stopped_days(case))
    return closing(day, hours) - timedelta(minutes=minutes)


def _alarms(case: Case, terms: Terms, schedule: Schedule) -> Iterator[Due]:
    if terms.promise and (at := warning_at(case, terms.promise, schedule)):
        yield Due(Alarm.WARNING, at, terms.promise.at)
    if terms.prereview_due_at:
        yield _missed(Alarm.PREREVIEW, terms.prereview_due_at)
    plain = (
        (Alarm.STEP, terms.step),
        (Alarm.INTAKE, terms.intake),
        (Alarm.CORRECTION, terms.correction),
        (Alarm.PROMISE, terms.promise),
        (Alarm.STATUTORY, terms.statutory),
        (Alarm.SUSPENSION, terms.suspension),
    )
    yield from (_missed(alarm, term.at) for alarm, term in plain if term)
    yield from (_missed(Alarm.PROCEDURE, term.at, about) for about, term in terms.procedures)
    twice = (
        (Alarm.RESULT, Alarm.RESULT_AGAIN, terms.result, RESULT_WORKING_DAYS),
        (Alarm.HEARING, Alarm.HEARING_AGAIN, terms.hearing, HEARING_WORKING_DAYS),
    )
    for first, again, term, days in twice:
        if term:
            yield _missed(first, term.at)
            if is_licence(case):
                yield _missed(again, closing(schedule.after(local_day(term.at), days).on, schedule.hours(case.receiving_unit)))
    if terms.renewal_at:
        yield Due(Alarm.RENEWAL, terms.renewal_at, terms.renewal_at)


def _missed(alarm: Alarm, end: datetime, about: str = "") -> Due:
    """At the end itself it is not too late yet."""
    return Due(alarm, end + _PAST, end, about)


def unsettled(dues: Iterable[Due], settled: Iterable[str]) -> list[Due]:
    done = frozenset(settled)
    return [due for due in dues if due.key not in done]
