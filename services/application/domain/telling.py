"""Of what applicants are told beside acts, by which channels, and how often that is tried. ADR-0048."""

from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from services.application.domain.lifecycle import Act

Channel = Literal["sms", "push"]
State = Literal["queued", "sending", "sent", "delivered", "failed"]


class Reminder(StrEnum):
    """What applicants hear of although nobody did anything: each once about the same."""

    SUPPLY_DUE = "supply_due"
    SUPPLY_OVERDUE = "supply_overdue"
    STEP_HELD_UP = "step_held_up"

    @property
    def zh(self) -> str:
        return _TEXTS[self][0]

    @property
    def en(self) -> str:
        return _TEXTS[self][1]


_TEXTS: Final = {
    Reminder.SUPPLY_DUE: ("容缺材料补交提醒", "What is owed is due soon"),
    Reminder.SUPPLY_OVERDUE: ("容缺材料逾期未补", "What is owed is overdue"),
    Reminder.STEP_HELD_UP: ("环节超过时限", "A step is held up past its limit"),
}
_STEPS: Final = {
    "prereview": ("预审", "the pre-review"),
    "intake": ("受理", "the intake"),
    "review": ("审查", "the review"),
    "survey": ("现场勘验", "the site survey"),
    "technical_review": ("技术审查", "the technical review"),
    "public_discussion": ("公示", "the public discussion"),
    "suspension": ("特别程序", "the special procedure"),
    "hearing": ("听证", "the hearing"),
    "result": ("颁证送达", "the delivery of the result"),
}


def event_of(name: str) -> Act | Reminder:
    """What a message is about, by its name."""
    return Reminder(name) if name in set(Reminder) else Act(name)


def about(what: str, occasion: object) -> str:
    """What a reminder is about, so that the same occasion is the same; its first part is for reading."""
    return f"{what}|{occasion}"


def words_of(said: str | None) -> tuple[str, str, str]:
    """What a reminder is about in Chinese and English, and its occasion."""
    what, _, occasion = (said or "").rpartition("|")
    zh, en = _STEPS.get(what, (what, what))
    return zh, en, occasion


CHANNELS: Final[tuple[Channel, ...]] = ("sms", "push")
LEASE: Final = timedelta(minutes=2)
"""After it another process takes a message over whose sending was begun: the sender knows its key."""
ATTEMPTS: Final = 12
RECEIPT_PAUSE: Final = timedelta(minutes=1)
RECEIPT_WITHIN: Final = timedelta(hours=24)
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(hours=1)


def pause(attempts: int) -> timedelta:
    """Before the next attempt, when so many have failed."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(attempts, 10)
    return min(doubled, _LONGEST_PAUSE)
