"""Working days 工作日: weekdays without statutory holidays, and the weekend days that are worked in exchange.

Years are known by the State Council's notice, which is data (`working_days.json`). Beyond the last notice, and near its
end where the next one may still exchange days, a date is provisional: it is said so, never silently guessed.
Source: 行政许可法 Art. 82; 民法典 Art. 201.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)
_SETTLED: Final = (12, 15)


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
    settled: tuple[int, int] = _SETTLED
    """Month and day of the last year until which no later notice exchanges days."""

    @property
    def settled_until(self) -> date:
        return date(self.last_year, *self.settled)

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def after(self, day: date, count: int) -> Due:
        """The day `count` working days after `day`, which itself is not counted."""
        current = day
        while count:
            current += _DAY
            count -= self.is_working(current)
        return Due(current, current > self.settled_until)

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and with `last`."""
        return sum(self.is_working(first + _DAY * number) for number in range(1, (last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Notice:
    """What the State Council said of one year: weekdays off (and weekends named with them), weekend days worked."""

    off: frozenset[date]
    worked: frozenset[date]


def calendar(notices: Mapping[int, Notice], *, settled: tuple[int, int] = _SETTLED) -> WorkingDays:
    """The calendar of the years with a notice."""
    off = frozenset(day for each in notices.values() for day in each.off)
    worked = frozenset(day for each in notices.values() for day in each.worked)
    return WorkingDays(off - worked, worked, max(notices), settled)


@cache
def known() -> WorkingDays:
    """The calendar of every year with a notice that came with the program."""
    return calendar(notices())


@cache
def notices() -> Mapping[int, Notice]:
    """By year, those that came with the program."""
    years: dict[str, Any] = json.loads((Path(__file__).parent / "working_days.json").read_text())["years"]
    return {int(year): Notice(_all_days(said["off"]), _all_days(said["worked"])) for year, said in years.items()}


def start_of(day: date) -> datetime:
    """The moment at which a day begins in the city."""
    return datetime.combine(day, time(), SHANGHAI)


def local_day(at: datetime) -> date:
    """The calendar day of an instant where the city is."""
    return at.astimezone(SHANGHAI).date()


def _all_days(specs: list[str]) -> frozenset[date]:
    return frozenset(day for spec in specs for day in _days(spec))


def _days(spec: str) -> Iterator[date]:
    first, _, last = spec.partition("..")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += _DAY
