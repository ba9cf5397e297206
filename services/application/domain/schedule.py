"""By what the clock counts: a version of the calendar, the hours of units, and what the city made of what the law leaves open."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from chassis.working_days import SHANGHAI, Due, WorkingDays, local_day

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a unit, where the city is."""

    opens: time
    closes: time

    @property
    def minutes(self) -> int:
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute


@dataclass(frozen=True, slots=True)
class Practice:
    """`warning_percent` of the promised time is when R01 warns; applicants are reminded of what they owe `supply_reminder_working_days`
    before; names of steps say which belong to intake and which to the result."""

    prereview_hours: int
    correction_working_days: int
    warning_percent: int
    supply_reminder_working_days: int
    intake_steps: frozenset[str]
    result_steps: frozenset[str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`units` keep other hours than the `usual` ones. `version` names it; None is what came with the program."""

    calendar: WorkingDays
    usual: Hours
    practice: Practice
    units: Mapping[str, Hours] = field(default_factory=dict)
    version: str | None = None

    def hours(self, unit: str | None) -> Hours:
        return self.units.get(unit, self.usual) if unit else self.usual

    def received(self, at: datetime, unit: str | None) -> datetime:
        """When something that comes at an instant counts as received: then, or when the office next opens."""
        hours, local = self.hours(unit), at.astimezone(SHANGHAI)
        day = local.date()
        if self.calendar.is_working(day):
            if hours.opens <= local.time() <= hours.closes:
                return at
            if local.time() < hours.opens:
                return opening(day, hours)
        day += _DAY
        while not self.calendar.is_working(day):
            day += _DAY
        return opening(day, hours)

    def after(self, day: date, count: int, stops: Collection[date] = ()) -> Due:
        """The last day of `count` working days after `day`, those of `stops` left out. None at all is the first that counts from `day` on."""
        current = day if count else day - _DAY
        for _ in range(count or 1):
            current += _DAY
            while current in stops or not self.calendar.is_working(current):
                current += _DAY
        return Due(current, current > self.calendar.settled_until)

    def back(self, last: date, count: int, stops: Collection[date]) -> date:
        """The day `count` counting days before `last`."""
        current = last
        for _ in range(count):
            current -= _DAY
            while current in stops or not self.calendar.is_working(current):
                current -= _DAY
        return current


def opening(day: date, hours: Hours) -> datetime:
    return datetime.combine(day, hours.opens, SHANGHAI)


def closing(day: date, hours: Hours) -> datetime:
    return datetime.combine(day, hours.closes, SHANGHAI)


def days_of(since: datetime, until: datetime) -> set[date]:
    """Every day of the city that has to do with the span, both ends included."""
    first, last = local_day(since), local_day(until)
    return {first + _DAY * number for number in range((last - first).days + 1)}
