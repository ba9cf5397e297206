"""The legal clock: when the terms of a case end, worked out from the case, the calendar and the office hours alone.

A due is the close of business of the last day at the receiving unit. Source: 行政许可法 Art. 32, 42, 44, 45, 47, 50, 82;
民法典 Art. 201, 203; ADR-0046.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final

from chassis.working_days import WorkingDays
from services.application.domain.case import Case


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a unit, where the city is."""

    opens: time
    closes: time


OFFICE_HOURS: Final = Hours(time(9), time(17))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A version of the calendar, and the hours of the units that keep others than `usual`."""

    calendar: WorkingDays
    usual: Hours = OFFICE_HOURS
    units: Mapping[str, Hours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """When a term ends. `is_provisional` when a later notice may still move it."""

    at: datetime
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a case that run now; those that do not are None.

    `received_at` is when what the agency has to look at counts as received; `prereview_due_at` is of natural hours.
    """

    received_at: datetime
    prereview_due_at: datetime | None = None
    intake: Term | None = None
    correction: Term | None = None
    promise: Term | None = None
    statutory: Term | None = None
    step: Term | None = None
    suspension: Term | None = None
    result: Term | None = None
    hearing_request: Term | None = None
    hearing: Term | None = None


def terms(case: Case, schedule: Schedule) -> Terms:
    raise NotImplementedError
