"""The legal clock: when the terms of a case end, worked out from the case and the schedule alone.

A due is the close of business of the last day at the receiving unit. Source: 行政许可法 Art. 32, 42, 44, 45, 47, 50, 82;
民法典 Art. 201, 203; ADR-0046.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from chassis.working_days import SHANGHAI, local_day
from services.application.domain.case import Case
from services.application.domain.lifecycle import INTAKE, Status
from services.application.domain.limits import StepLimit
from services.application.domain.schedule import Schedule, closing, days_of

LICENCE: Final = "01"
"""The matter type to which the terms of 行政许可法 apply. Others have those of their published version."""
INTAKE_WORKING_DAYS: Final = 5
RESULT_WORKING_DAYS: Final = 10
HEARING_REQUEST_WORKING_DAYS: Final = 5
HEARING_WORKING_DAYS: Final = 20
RENEWAL_DAYS: Final = 30

# A step of the review may ask the applicant too: that is none of the eight procedures of Art. 45, and the term goes on.
_COUNTING: Final = frozenset({Status.ACCEPTED, Status.REVIEWING, Status.CORRECTION})
_UNDECIDED: Final = _COUNTING | {Status.SUSPENDED}
_RESULT: Final = frozenset({Status.GRANTED, Status.PRODUCING, Status.DELIVERING})


@dataclass(frozen=True, slots=True)
class Term:
    """When a term ends. `is_provisional` when a later notice may still move it."""

    at: datetime
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a case that run now; those that do not are None.

    `received_at` is when what the agency has to look at counts as received; `prereview_due_at` is of natural hours;
    `renewal_at` is the first instant at which a certificate counts as renewed.
    """

    received_at: datetime
    prereview_due_at: datetime | None = None
    intake: Term | None = None
    correction: Term | None = None
    promise: Term | None = None
    statutory: Term | None = None
    step: Term | None = None
    suspension: Term | None = None
    procedures: tuple[tuple[str, Term], ...] = ()
    result: Term | None = None
    hearing_request: Term | None = None
    hearing: Term | None = None
    renewal_at: datetime | None = None


def terms(case: Case, schedule: Schedule) -> Terms:
    """The statute's own terms are those of licences only."""
    return _Reckoning(case, schedule).terms()


def promise_end(case: Case, working_days: int, schedule: Schedule) -> Term:
    """When a promise of so many working days ends, or would have ended. The case was accepted."""
    return _Reckoning(case, schedule).handling(working_days)


def is_licence(case: Case) -> bool:
    return case.task_code.basic.matter_type == LICENCE


def stopped_days(case: Case) -> set[date]:
    """The days on which an ended special procedure stopped the clock. Source: 行政许可法 Art. 45."""
    return {day for each in case.suspensions if each.until for day in days_of(each.since, each.until)}


class _Reckoning:
    def __init__(self, case: Case, schedule: Schedule) -> None:
        self._case = case
        self._schedule = schedule
        self._hours = schedule.hours(case.receiving_unit)
        self._is_licence = is_licence(case)
        self._received_at = schedule.received(case.corrected_at or case.submitted_at, case.receiving_unit)
        self._received = local_day(self._received_at)

    def terms(self) -> Terms:
        case, status = self._case, self._case.status
        is_intake, is_accepted = status in INTAKE, case.accepted_at is not None
        is_counting, is_undecided = is_accepted and status in _COUNTING, is_accepted and status in _UNDECIDED
        return Terms(
            received_at=self._received_at,
            prereview_due_at=self._prereview() if status is Status.PREREVIEW else None,
            intake=self._after(self._received, INTAKE_WORKING_DAYS) if is_intake and self._is_licence else None,
            correction=self._correction() if status is Status.CORRECTION and not is_accepted else None,
            promise=self.handling(case.promised_working_days) if is_counting else None,
            statutory=self._statutory() if is_counting else None,
            step=self._intake_step() if is_intake else self._review_step() if is_counting else None,
            suspension=self._suspension() if status is Status.SUSPENDED else None,
            procedures=self._procedures() if is_undecided else (),
            result=self._result() if status in _RESULT else None,
            hearing_request=self._hearing_request() if is_undecided else None,
            hearing=self._hearing() if is_undecided else None,
            renewal_at=self._renewal(),
        )

    def _after(self, day: date, count: int, stops: Collection[date] = ()) -> Term:
        due = self._schedule.after(day, count, stops)
        return Term(closing(due.on, self._hours), due.is_provisional)

    def _prereview(self) -> datetime:
        since = self._case.corrected_at or self._case.submitted_at
        return since + timedelta(hours=self._schedule.practice.prereview_hours)

    def _correction(self) -> Term | None:
        notice = self._case.notice
        return self._after(local_day(notice.requested_at), self._schedule.practice.correction_working_days) if notice else None

    def _statutory(self) -> Term | None:
        days = self._case.limits.statutory_working_days
        return self.handling(days) if days else None

    def handling(self, working_days: int) -> Term:
        """A term that counts from acceptance, moved by an extension and by special procedures that have ended."""
        extension = self._case.extension
        days = working_days + (extension.working_days if extension else 0)
        return self._after(self._counted_from(working_days, days), days, stopped_days(self._case))

    def _counted_from(self, working_days: int, days: int) -> date:
        case = self._case
        assert case.accepted_at is not None
        if case.is_deemed_accepted:
            # What would be over before the case even counted as accepted counts from the day on which it began to.
            deemed = self._schedule.after(self._received, INTAKE_WORKING_DAYS).on
            return deemed if self._schedule.after(self._received, working_days).on <= deemed else self._received
        if days == 0:
            # On the spot: after hours it is the spot of the next working day.
            return local_day(self._schedule.received(case.accepted_at, case.receiving_unit))
        return local_day(case.accepted_at)

    def _intake_step(self) -> Term | None:
        days = _days(self._case.limits.steps, self._schedule.practice.intake_steps)
        return self._after(self._received, days) if days else None

    def _review_step(self) -> Term | None:
        """What is neither of the intake nor of the result: one status stands for review and decision, so their limits are one."""
        others = self._schedule.practice.intake_steps | self._schedule.practice.result_steps
        days = sum(each.working_days for each in self._case.limits.steps if each.name not in others)
        return self.handling(days) if days else None

    def _suspension(self) -> Term:
        running = self._case.suspensions[-1]
        return self._after(local_day(running.since), running.expected_days)

    def _procedures(self) -> tuple[tuple[str, Term], ...]:
        running = [each for each in self._case.course.procedures if each.until is None]
        return tuple((each.kind.value, self._after(local_day(each.since), each.limit_working_days)) for each in running)

    def _result(self) -> Term | None:
        if self._case.decided_at is None:
            return None
        published = _days(self._case.limits.steps, self._schedule.practice.result_steps)
        days = RESULT_WORKING_DAYS if self._is_licence else published
        return self._after(local_day(self._case.decided_at), days) if days else None

    def _hearing_request(self) -> Term | None:
        hearing = self._case.hearing
        if hearing is None or hearing.asked_at or not self._is_licence:
            return None
        return self._after(local_day(hearing.told_at), HEARING_REQUEST_WORKING_DAYS)

    def _hearing(self) -> Term | None:
        hearing = self._case.hearing
        if hearing is None or hearing.asked_at is None or hearing.held_at or not self._is_licence:
            return None
        return self._after(local_day(hearing.asked_at), HEARING_WORKING_DAYS)

    def _renewal(self) -> datetime | None:
        """Asked for in time; an expiry on a holiday stays that day."""
        case, renews = self._case, self._case.renews
        if renews is None or renews.renewed_at or not self._is_licence or case.status not in INTAKE | _UNDECIDED:
            return None
        asked_in_time = (renews.expires_on - local_day(case.submitted_at)).days >= RENEWAL_DAYS
        return datetime.combine(renews.expires_on + timedelta(days=1), time(), SHANGHAI) if asked_in_time else None


def _days(steps: Collection[StepLimit], names: Collection[str]) -> int:
    return sum(each.working_days for each in steps if each.name in names)
