from datetime import UTC, date, datetime

import pytest

from chassis import working_days
from chassis.working_days import Due


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2025-09-30", 5, "2025-10-14"),
        ("2026-01-02", 1, "2026-01-04"),
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-03-02", 0, "2026-03-02"),
    ],
)
def test_a_term_ends_on_the_day_the_law_says(day: str, count: int, due: str) -> None:
    assert working_days.known().after(date.fromisoformat(day), count) == Due(date.fromisoformat(due), is_provisional=False)


def test_counting_back_gives_the_count() -> None:
    assert working_days.known().between(date(2026, 2, 12), date(2026, 2, 26)) == 5


@pytest.mark.parametrize(("day", "is_provisional"), [("2026-12-11", False), ("2026-12-25", True), ("2027-03-01", True)])
def test_days_that_a_later_notice_may_move_are_provisional(day: str, is_provisional: bool) -> None:
    assert working_days.known().after(date.fromisoformat(day), 1).is_provisional is is_provisional


def test_the_day_is_that_of_the_city() -> None:
    assert working_days.local_day(datetime(2026, 3, 1, 17, 0, tzinfo=UTC)) == date(2026, 3, 2)
