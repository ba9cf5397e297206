"""听证: told of, asked for, announced, held. Days are working days. Source: 行政许可法 Art. 47, 48."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from chassis.working_days import WorkingDays, local_day
from contracts.values import OfficerId
from services.application.domain.case import refusals

HEARING_ASKED_WITHIN: Final = 5
HEARING_HELD_WITHIN: Final = 20
HEARING_TOLD_BEFORE: Final = 7
"""So long before it is held, the applicant is told when and where."""


@dataclass(frozen=True, slots=True)
class Chair:
    """听证主持人, an officer who does not review the case; the applicant is told the name and may ask for another one.

    Source: 行政许可法 Art. 48(3).
    """

    officer: OfficerId
    name: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """The right to it, `about` what, is told; it is asked for until the day `ask_until` and held by `hold_until`, when, where and before
    whom it was announced."""

    told_at: datetime
    ask_until: date
    asked_at: datetime | None = None
    hold_until: date | None = None
    held_at: datetime | None = None
    outcome: str | None = None
    about: str | None = None
    opens_at: datetime | None = None
    place: str | None = None
    chair: Chair | None = None

    @classmethod
    def told(cls, *, at: datetime, calendar: WorkingDays, about: str | None = None) -> "Hearing":
        return cls(at, calendar.after(local_day(at), HEARING_ASKED_WITHIN).on, about=about)

    def asked(self, *, at: datetime, calendar: WorkingDays) -> "Hearing":
        """Raises NoHearingToAskFor, HearingAskedTooLate."""
        if self.asked_at:
            raise refusals.NoHearingToAskFor
        if local_day(at) > self.ask_until:
            raise refusals.HearingAskedTooLate(until=self.ask_until.isoformat())
        return replace(self, asked_at=at, hold_until=calendar.after(local_day(at), HEARING_HELD_WITHIN).on)

    def announced(self, *, opens_at: datetime, place: str, chair: Chair | None, at: datetime, calendar: WorkingDays) -> "Hearing":
        """Again is another time, place or chair. Raises NoHearingToAskFor unless one was asked for and not held, HearingTimeNotPossible."""
        self._check_awaited()
        earliest = calendar.after(local_day(at), HEARING_TOLD_BEFORE).on
        # Too late for its term it is held all the same, as soon as somebody can be told in time.
        latest = max(earliest, self.hold_until or earliest)
        if not earliest <= local_day(opens_at) <= latest:
            raise refusals.HearingTimeNotPossible(earliest=earliest.isoformat(), latest=latest.isoformat())
        return replace(self, opens_at=opens_at, place=place, chair=chair)

    def held(self, *, at: datetime, outcome: str) -> "Hearing":
        """Raises NoHearingToAskFor as above, HearingNotAnnounced before the time that the applicant was told."""
        self._check_awaited()
        if self.opens_at is None or at < self.opens_at:
            raise refusals.HearingNotAnnounced
        return replace(self, held_at=at, outcome=outcome)

    def is_pending(self, today: date) -> bool:
        """It may still be asked for, or was and has not been held."""
        return self.held_at is None and (self.asked_at is not None or today <= self.ask_until)

    def _check_awaited(self) -> None:
        if self.asked_at is None or self.held_at:
            raise refusals.NoHearingToAskFor
