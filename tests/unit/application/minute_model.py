"""The legal clock once more, minute by minute and from the text of the law alone: slow, plain, and sharing nothing with the service.

An instant is a whole minute since 2024-01-01 00:00 in Shanghai, a day 1440 of them. A minute is open when the office is.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import compress, islice
from typing import Final

DAY: Final = 1440
FIRST: Final = date(2024, 1, 1)
DAYS: Final = 4 * 366


class Office:
    """Which minutes of four years are open: office hours of working days."""

    def __init__(self, off: set[date], worked: set[date], last_year: int, opens: int, closes: int) -> None:
        self.opens, self.closes, self.day_long = opens, closes, closes - opens
        self.last_sure_day = (date(last_year, 12, 15) - FIRST).days
        self.open = bytearray(DAYS * DAY)
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            works = day in worked or (day.weekday() not in {5, 6} and day not in off)
            if works:
                self.open[number * DAY + opens : number * DAY + closes] = b"\x01" * self.day_long

    def stopped(self, stops: list[tuple[int, int]]) -> bytearray:
        """The open minutes without those of the days from the first to the last of each stop."""
        if not stops:
            return self.open
        left = bytearray(self.open)
        for since, until in stops:
            begins, ends = since // DAY * DAY, (until // DAY + 1) * DAY
            left[begins:ends] = bytes(ends - begins)
        return left


@dataclass
class Stop:
    """One of the eight procedures of Art. 45."""

    since: int
    expected_days: int
    until: int | None = None


@dataclass
class Survey:
    """A procedure inside the term, with its own published limit."""

    since: int
    limit: int
    until: int | None = None


@dataclass
class History:
    """What happened to one case."""

    is_licence: bool
    promised: int
    statutory: int | None
    intake_step: int
    review_step: int
    result_step: int
    submitted: int
    is_prereview: bool = False
    asked: int | None = None
    answered: int | None = None
    accepted: int | None = None
    is_deemed: bool = False
    stops: list[Stop] = field(default_factory=list)
    extension: int = 0
    told: int | None = None
    hearing_asked: int | None = None
    held: int | None = None
    surveys: list[Survey] = field(default_factory=list)
    decided: int | None = None
    expires: int | None = None


def received(office: Office, at: int) -> int:
    """The instant itself where the office is open, its closing time included, else when it opens next."""
    if office.open[at] or (office.open[at - 1] and at % DAY == office.closes):
        return at
    while not office.open[at]:
        at += 1
    return at


def consumed(minutes: bytearray, start: int, count: int) -> int:
    """The end of the minute that is the `count`-th open one from `start` on."""
    last = next(islice(compress(range(start, len(minutes)), memoryview(minutes)[start:]), count - 1, None))
    return last + 1


def term(office: Office, at: int, days: int, minutes: bytearray | None = None) -> int:
    """Art. 82, 民法典 201: from the day after, so many days' worth of office minutes; none at all is what is left from this day on."""
    midnight = at // DAY * DAY
    minutes = office.open if minutes is None else minutes
    return consumed(minutes, midnight, office.day_long) if days == 0 else consumed(minutes, midnight + DAY, days * office.day_long)


def expected(history: History, office: Office) -> dict[str, int]:
    """Every term that runs, with the minute at which it ends."""
    found = {"received": received(office, _given(history))}
    is_taken_in = history.accepted is not None or history.is_deemed
    if history.decided is not None:
        _result(history, office, found)
    elif is_taken_in:
        _handling(history, office, found)
    elif history.asked is not None and history.answered is None:
        found["correction"] = term(office, history.asked, 10)
    else:
        _intake(history, office, found)
    if history.decided is None and history.is_licence and history.expires is not None:
        days_before = history.expires - history.submitted // DAY
        if days_before >= 30:
            found["renewal"] = (history.expires + 1) * DAY
    return found


def is_sure(office: Office, end: int) -> bool:
    return end // DAY <= office.last_sure_day


def _given(history: History) -> int:
    """What the agency looks at came with the answer to its notice, or at first."""
    return history.submitted if history.answered is None else history.answered


def _intake(history: History, office: Office, found: dict[str, int]) -> None:
    if history.is_prereview:
        found["prereview"] = _given(history) + 24 * 60
    if history.is_licence:
        found["intake"] = term(office, found["received"], 5)
    if history.intake_step:
        found["step"] = term(office, found["received"], history.intake_step)


def _handling(history: History, office: Office, found: dict[str, int]) -> None:
    stops = [(stop.since, stop.until) for stop in history.stops if stop.until is not None]
    minutes = office.stopped(stops)
    running = [stop for stop in history.stops if stop.until is None]
    if running:
        found["suspension"] = term(office, running[0].since, running[0].expected_days)
    else:
        found["promise"] = _moved(history, office, history.promised, minutes)
        if history.statutory:
            found["statutory"] = _moved(history, office, history.statutory, minutes)
        if history.review_step:
            found["step"] = _moved(history, office, history.review_step, minutes)
        warning = _warning(history, office, found["promise"], minutes)
        if warning is not None:
            found["warning"] = warning
    for number, survey in enumerate(history.surveys):
        if survey.until is None:
            found[f"survey {number}"] = term(office, survey.since, survey.limit)
    if history.is_licence and history.told is not None:
        if history.hearing_asked is None:
            found["hearing request"] = term(office, history.told, 5)
        elif history.held is None:
            found["hearing"] = term(office, history.hearing_asked, 20)
            found["hearing again"] = term(office, found["hearing"], 20)


def _moved(history: History, office: Office, days: int, minutes: bytearray) -> int:
    """From acceptance, with the extension, without the minutes of the special procedures."""
    total = days + history.extension
    if not history.is_deemed:
        assert history.accepted is not None
        return term(office, received(office, history.accepted) if total == 0 else history.accepted, total, minutes)
    came = received(office, _given(history))
    nobody_told = term(office, came, 5)
    is_over_before = term(office, came, days) <= nobody_told
    return term(office, nobody_told - 1 if is_over_before else came, total, minutes)


def _warning(history: History, office: Office, end: int, minutes: bytearray) -> int | None:
    """The first minute at which what is left is a fifth of what was promised, or one day."""
    total = history.promised + history.extension
    if total <= 1:
        return None
    left, at = 0, end
    while True:
        left += minutes[at - 1]
        if left > office.day_long and left * 5 > total * office.day_long:
            return at
        at -= 1


def _result(history: History, office: Office, found: dict[str, int]) -> None:
    assert history.decided is not None
    days = 10 if history.is_licence else history.result_step
    if days:
        found["result"] = term(office, history.decided, days)
    if history.is_licence:
        found["result again"] = term(office, found["result"], 10)
