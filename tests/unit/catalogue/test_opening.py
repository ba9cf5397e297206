"""When a service point is open: hours, exceptions, days off and days worked in exchange."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.working_days import SHANGHAI, WorkingDays, known
from contracts.api.catalogue import ExceptionDay, Hours, Span, Weekly
from services.catalogue.domain.opening import is_open, opening, spans_on

OFFICE = Hours(weekly=[Weekly(days=[1, 2, 3, 4, 5], opens="09:00", closes="16:30")], follows_calendar=True)
ALWAYS = Hours(weekly=[Weekly(days=[1, 2, 3, 4, 5, 6, 7], opens="00:00", closes="24:00")], follows_calendar=False)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "is_it", "then"),
    [
        ("2026-11-26T09:00", True, "2026-11-26T16:30"),
        ("2026-11-26T16:29", True, "2026-11-26T16:30"),
        ("2026-11-26T16:30", False, "2026-11-27T09:00"),
        ("2026-11-27T17:00", False, "2026-11-30T09:00"),
        # National Day, and the Saturday after it that is worked in exchange.
        ("2026-09-30T17:00", False, "2026-10-08T09:00"),
        ("2026-10-09T17:00", False, "2026-10-10T09:00"),
        ("2026-10-10T10:00", True, "2026-10-10T16:30"),
        ("2026-10-10T17:00", False, "2026-10-12T09:00"),
    ],
)
def test_offices_follow_the_calendar_of_the_city(at: str, is_it: bool, then: str) -> None:
    found = opening(OFFICE, moment(at), known())
    assert (found.is_open, found.closes_at if is_it else found.opens_at) == (is_it, moment(then))
    assert (found.opens_at if is_it else found.closes_at) is None
    assert is_open(OFFICE, moment(at), known()) is is_it


def test_without_the_calendar_a_holiday_is_like_any_day() -> None:
    hours = OFFICE.model_copy(update={"follows_calendar": False})
    assert is_open(hours, moment("2026-10-01T10:00"), known())
    assert not is_open(hours, moment("2026-10-10T10:00"), known())


def test_an_exception_stands_above_every_other_rule() -> None:
    closed = ExceptionDay(on=date(2026, 11, 26), zh="维护", en="maintenance")
    sunday = ExceptionDay(on=date(2026, 11, 29), spans=[Span(opens="10:00", closes="11:00")], zh="开放日", en="open day")
    hours = OFFICE.model_copy(update={"exceptions": [closed, sunday]})
    assert opening(hours, moment("2026-11-26T10:00"), known()).opens_at == moment("2026-11-27T09:00")
    assert opening(hours, moment("2026-11-27T17:00"), known()).opens_at == moment("2026-11-29T10:00")


def test_what_never_closes_says_so() -> None:
    found = opening(ALWAYS, moment("2026-11-26T03:00"), known())
    assert (found.is_open, found.closes_at, found.opens_at) == (True, None, None)


def test_spans_that_meet_at_midnight_are_one() -> None:
    hours = Hours(
        weekly=[Weekly(days=[5], opens="18:00", closes="24:00"), Weekly(days=[6], opens="00:00", closes="02:00")], follows_calendar=False
    )
    assert opening(hours, moment("2026-11-27T20:00"), known()).closes_at == moment("2026-11-28T02:00")


def test_what_has_no_hours_never_opens() -> None:
    found = opening(Hours(weekly=[], follows_calendar=False), moment("2026-11-26T10:00"), known())
    assert (found.is_open, found.closes_at, found.opens_at) == (False, None, None)


def test_the_clock_is_the_citys_wherever_is_asked() -> None:
    """One in the morning of Greenwich is nine in Shanghai."""
    assert is_open(OFFICE, datetime.fromisoformat("2026-11-26T01:00:00+00:00"), known())
    assert not is_open(OFFICE, datetime.fromisoformat("2026-11-26T00:59:59+00:00"), known())


def test_beyond_the_known_calendar_an_opening_is_provisional() -> None:
    assert opening(OFFICE, moment("2026-11-26T10:00"), known()).is_provisional is False
    assert opening(OFFICE, moment("2026-12-31T17:00"), known()).is_provisional is True
    assert opening(ALWAYS, moment("2027-03-01T17:00"), known()).is_provisional is False


MINUTES = 24 * 60
clocks = st.integers(0, MINUTES).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
spans = st.lists(clocks, min_size=2, max_size=2, unique=True).map(lambda both: Span(opens=min(both), closes=max(both)))
days = st.dates(date(2026, 9, 1), date(2026, 11, 30))
weeks = st.lists(
    st.builds(
        lambda span, on: Weekly(days=sorted(on), opens=span.opens, closes=span.closes),
        spans,
        st.sets(st.integers(1, 7), min_size=1, max_size=7),
    ),
    max_size=4,
)
exceptions = st.lists(
    st.builds(lambda on, given: ExceptionDay(on=on, spans=given, zh="例外", en="exception"), days, st.lists(spans, max_size=2)),
    max_size=3,
    unique_by=lambda each: each.on,
)
some_hours = st.builds(
    lambda weekly, follows, days: Hours(weekly=weekly, follows_calendar=follows, exceptions=days), weeks, st.booleans(), exceptions
)
moments = st.builds(
    lambda day, minute: datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute), days, st.integers(0, MINUTES - 1)
)


def naive(hours: Hours, at: datetime, calendar: WorkingDays) -> bool:
    """Read as somebody reads the sign at the door."""
    day, clock = at.date(), at.strftime("%H:%M")
    for exception in hours.exceptions:
        if exception.on == day:
            return any(span.opens <= clock < span.closes for span in exception.spans)
    weekday = day.isoweekday()
    if hours.follows_calendar and day in calendar.off:
        return False
    if hours.follows_calendar and day in calendar.worked and weekday > 5:
        weekday = 1
    return any(weekday in each.days and each.opens <= clock < each.closes for each in hours.weekly)


@given(some_hours, moments)
def test_open_is_what_the_sign_at_the_door_says(hours: Hours, at: datetime) -> None:
    expected = naive(hours, at, known())
    assert is_open(hours, at, known()) is expected
    assert opening(hours, at, known()).is_open is expected


@given(some_hours, moments)
def test_nothing_changes_before_the_moment_that_is_named(hours: Hours, at: datetime) -> None:
    found = opening(hours, at, known())
    change = found.closes_at or found.opens_at
    if change is None:
        change = at + timedelta(days=5)
    else:
        assert change > at
        assert naive(hours, change, known()) is not found.is_open
    edges = {
        edge
        for number in range((change - at).days + 2)
        for pair in spans_on(hours, at.date() + timedelta(days=number), known())
        for edge in pair
    }
    for edge in (each for each in edges if at <= each < change):
        assert naive(hours, edge, known()) is found.is_open
