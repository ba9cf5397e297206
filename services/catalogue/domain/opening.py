"""When a service point is open, by the city's clock and its calendar of days off and days worked in exchange."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from chassis.working_days import SHANGHAI, WorkingDays, local_day
from contracts.api.catalogue import Hours, Span

_DAY: Final = timedelta(days=1)
_MONDAY, _SATURDAY = 1, 6
_LOOKED_AHEAD_DAYS: Final = 366
_LONGEST_RUN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Opening:
    """`closes_at` of what is open, None if not within a week; `opens_at` of what is closed, None if not within a year.

    `is_provisional`: a later notice of days off may still change it.
    """

    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    is_provisional: bool


def opening(hours: Hours, at: datetime, calendar: WorkingDays) -> Opening:
    """How a point is at an instant. Adjoining spans, midnight included, are one."""
    is_open, edge = False, at
    for start, end in _spans_after(hours, at, calendar):
        if start <= edge < end:
            is_open, edge = True, end
            if edge - at > _LONGEST_RUN:
                return Opening(is_open, None, None, is_provisional=False)
        elif start > edge:
            moment = edge if is_open else start
            provisional = hours.follows_calendar and calendar.after(local_day(moment), 0).is_provisional
            return Opening(is_open, edge if is_open else None, None if is_open else start, provisional)
    return Opening(is_open, edge if is_open else None, None, is_provisional=False)


def is_open(hours: Hours, at: datetime, calendar: WorkingDays) -> bool:
    return any(start <= at < end for start, end in spans_on(hours, local_day(at), calendar))


def _spans_after(hours: Hours, at: datetime, calendar: WorkingDays) -> Iterator[tuple[datetime, datetime]]:
    first = local_day(at)
    for number in range(_LOOKED_AHEAD_DAYS):
        yield from spans_on(hours, first + _DAY * number, calendar)


def spans_on(hours: Hours, day: date, calendar: WorkingDays) -> list[tuple[datetime, datetime]]:
    """The spans of a day in their order: an exception's, else those of its weekday as the calendar has it."""
    exception = next((each for each in hours.exceptions if each.on == day), None)
    if exception is not None:
        return sorted(_instants(each, day) for each in exception.spans)
    weekday = _weekday(hours, day, calendar)
    return sorted(_instants(each, day) for each in hours.weekly if weekday in each.days)


def _weekday(hours: Hours, day: date, calendar: WorkingDays) -> int | None:
    """1 to 7, None on a day off."""
    own = day.isoweekday()
    if not hours.follows_calendar:
        return own
    if day in calendar.off:
        return None
    return _MONDAY if own >= _SATURDAY and day in calendar.worked else own


def _instants(span: Span, day: date) -> tuple[datetime, datetime]:
    return _instant(span.opens, day), _instant(span.closes, day)


def _instant(clock: str, day: date) -> datetime:
    if clock == "24:00":
        return datetime.combine(day + _DAY, time(), SHANGHAI)
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)
