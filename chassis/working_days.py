"""Working days 工作日: weekdays without statutory holidays, and the weekend days that are worked in exchange.

Years are known by the State Council's notice, which is data (`working_days.json`). Beyond the last notice, and near its
end where the next one may still exchange days, a date is provisional: it is said so, never silently guessed.
Source: 行政许可法 Art. 82; 民法典 Art. 201.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)
_SETTLED_UNTIL: Final = (12, 15)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a term. `is_provisional` when a later notice may still move it."""

    on: date
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`off` are weekdays not worked (and weekends named with them), `worked` the weekend days that are."""

    off: frozenset[date]
    worked: frozenset[date]
    last_year: int

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def after(self, day: date, count: int) -> Due:
        """The day `count` working days after `day`, which itself is not counted."""
        current = day
        while count:
            current += _DAY
            count -= self.is_working(current)
        return Due(current, current > date(self.last_year, *_SETTLED_UNTIL))

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and with `last`."""
        return sum(self.is_working(first + _DAY * number) for number in range(1, (last - first).days + 1))


@cache
def known() -> WorkingDays:
    """The calendar of every year with a notice."""
    years: dict[str, Any] = json.loads((Path(__file__).parent / "working_days.json").read_text())["years"]
    off = frozenset(day for year in years.values() for spec in year["off"] for day in _days(spec))
    worked = frozenset(day for year in years.values() for spec in year["worked"] for day in _days(spec))
    return WorkingDays(off, worked, max(int(year) for year in years))


def start_of(day: date) -> datetime:
    """The moment at which a day begins in the city."""
    return datetime.combine(day, time(), SHANGHAI)


def local_day(at: datetime) -> date:
    """The calendar day of an instant where the city is."""
    return at.astimezone(SHANGHAI).date()


def _days(spec: str) -> Iterator[date]:
    first, _, last = spec.partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += _DAY
