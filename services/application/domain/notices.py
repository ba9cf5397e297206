"""What a notice of holidays, and a change of office hours, must be. Source: 国务院办公厅's yearly notice; 行政许可法 Art. 82."""

from collections.abc import Collection
from datetime import date, time

from chassis.errors import Invalid
from contracts.problems import application as problems


class NoticeIsNotValid(Invalid):
    problem = problems.NOTICE_NOT_VALID


class HoursAreNotValid(Invalid):
    problem = problems.HOURS_NOT_VALID


def check_notice(year: int, off: Collection[date], worked: Collection[date]) -> None:
    """Days of the year, or of the weeks around it, each named once; worked are weekend days. Raises NoticeIsNotValid."""
    named = [*off, *worked]
    first, last = date(year - 1, 12, 15), date(year + 1, 1, 15)
    errors = [_error(day, "named-twice") for day in sorted({day for day in named if named.count(day) > 1})]
    errors += [_error(day, "not-of-the-year") for day in sorted(set(named)) if not first <= day <= last]
    errors += [_error(day, "not-a-weekend") for day in sorted(set(worked)) if day.weekday() < 5]
    if errors:
        raise NoticeIsNotValid(errors=errors)


def check_hours(opens: time, closes: time) -> None:
    """Raises HoursAreNotValid."""
    if opens >= closes:
        raise HoursAreNotValid


_RULES = {
    "named-twice": ("同一天只能出现一次", "a day is named once"),
    "not-of-the-year": ("该日不属于本年度安排", "the day is not of this year's notice"),
    "not-a-weekend": ("调休上班日应为周末", "a day that is worked in exchange is of a weekend"),
}


def _error(day: date, rule: str) -> dict[str, str]:
    zh, en = _RULES[rule]
    return {"day": day.isoformat(), "rule": rule, "zh": zh, "en": en}
