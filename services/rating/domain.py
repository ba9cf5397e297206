"""Ratings 好差评 as rules: one ticket for one case, tags that go with the stars, replies by who is responsible."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.working_days import Due, WorkingDays, local_day
from contracts.api.rating import Channel, State, TagText
from contracts.problems import rating as problems
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, OrganisationId, PersonId, RatingId, TaskCode, TicketId

LEVELS: Final = {
    5: ("非常满意", "Very satisfied"),
    4: ("满意", "Satisfied"),
    3: ("基本满意", "Basically satisfied"),
    2: ("不满意", "Dissatisfied"),
    1: ("非常不满意", "Very dissatisfied"),
}
"""Stars → level in Chinese and English. Source: 国办发〔2019〕51号; the two lowest are bad ratings 差评."""

_WORST_GOOD: Final = 3
_REPLY_WITHIN_WORKING_DAYS: Final = 5
MISSED_PERIODS: Final = 2
"""It is told that a bad rating waits when its deadline is missed, and once more a full period later."""


class NoSuchTicket(NotFound):
    problem = problems.TICKET_NOT_FOUND


class TicketWasUsed(Conflict):
    problem = problems.TICKET_USED


class TicketHasExpired(Conflict):
    problem = problems.TICKET_EXPIRED


class TagsDoNotFit(Invalid):
    problem = problems.TAG_NOT_VALID


class NoSuchRating(NotFound):
    problem = problems.RATING_NOT_FOUND


class RatingNotAwaitingReply(Conflict):
    problem = problems.NOT_AWAITING_REPLY


class AnswersForNoUnit(Forbidden):
    """Bad ratings are answered by districts and departments."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Who answers bad ratings: a district for every agency in it, a department for itself. One of the two is given."""

    division: DivisionCode | None = None
    agency: CreditCode | None = None

    @classmethod
    def of(cls, party_kind: str, division: DivisionCode | None, agency: CreditCode | None) -> "Unit":
        """Raises AnswersForNoUnit for another kind of party, or one whose unit is not registered."""
        if party_kind == "district" and division is not None:
            return cls(division=division)
        if party_kind == "department" and agency is not None:
            return cls(agency=agency)
        raise AnswersForNoUnit("this needs a district with a division or a department with an agency")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says about a case. `tags` are codes of evaluation items 评价项."""

    stars: int
    tags: Sequence[str]
    text: str | None
    is_anonymous: bool
    channel: Channel


@dataclass(frozen=True, slots=True)
class Reply:
    """整改或说明, by an officer of the responsible unit."""

    kind: Literal["rectified", "explained"]
    text: str
    by: OfficerId
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to rate one closed case once. `accepted_by` is the clerk whom the rating is bound to 三对应.

    It is the person's who applied or, for the organisation, submitted.
    """

    id: TicketId
    case_number: CaseNumber
    person_id: PersonId
    task_code: TaskCode
    matter_name: str
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    accepted_by: OfficerId
    decided_by: OfficerId
    closed_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    organisation_id: OrganisationId | None = None

    def use(self, *, at: datetime) -> "Ticket":
        """Itself as used. Raises TicketWasUsed, TicketHasExpired."""
        if self.used_at is not None:
            raise TicketWasUsed
        if at >= self.expires_at:
            raise TicketHasExpired
        return replace(self, used_at=at)


@dataclass(frozen=True, slots=True)
class Rating:
    """`reply_due` is set for bad ratings only. The facts of the case are its ticket's."""

    id: RatingId
    ticket: Ticket
    said: Said
    state: State
    rated_at: datetime
    reply_due: Due | None = None
    reply: Reply | None = None

    @classmethod
    def of(cls, ticket: Ticket, said: Said, *, known: Mapping[str, TagText], calendar: WorkingDays, at: datetime) -> "Rating":
        """A bad rating is dispatched to its unit, any other one is published. Raises TagsDoNotFit."""
        fitting = replace(said, tags=fitted(said.tags, said.stars, known))
        if said.stars >= _WORST_GOOD:
            return cls(RatingId.new(), ticket, fitting, "published", at)
        due = calendar.after(local_day(at), _REPLY_WITHIN_WORKING_DAYS)
        return cls(RatingId.new(), ticket, fitting, "dispatched", at, due)

    def replied(self, reply: Reply) -> "Rating":
        """Raises RatingNotAwaitingReply."""
        if self.state != "dispatched":
            raise RatingNotAwaitingReply
        return replace(self, state="replied", reply=reply)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bad rating that nobody has answered; of so many periods it was told that they are missed."""

    rating_id: RatingId
    case_number: CaseNumber
    agency: CreditCode
    due_on: date
    missed_periods: int

    def ends_on(self, calendar: WorkingDays) -> date:
        """The last day of the period that runs now."""
        return calendar.after(self.due_on, _REPLY_WITHIN_WORKING_DAYS * self.missed_periods).on


def fitted(tags: Sequence[str], stars: int, known: Mapping[str, TagText]) -> tuple[str, ...]:
    """The tags, each once. Raises TagsDoNotFit naming those that do not exist or go with other stars."""
    wrong = [
        {"field": f"tags.{number}", "rule": "known" if tag not in known else "goes with the stars"}
        for number, tag in enumerate(tags)
        if tag not in known or tag[0] != str(stars)
    ]
    if wrong:
        raise TagsDoNotFit(errors=wrong)
    return tuple(dict.fromkeys(tags))


# Up to two separating characters stand between the digits of a number that people write in groups.
_GAP: Final = r"[ .()·_-]{0,2}+"
_PROVINCE: Final = rf"(?:1{_GAP}[1-5]|2{_GAP}[1-3]|3{_GAP}[1-7]|4{_GAP}[1-6]|5{_GAP}[0-4]|6{_GAP}[1-5]|7{_GAP}1|8{_GAP}[1-3])"
_MAIL_NAME: Final = "a-z0-9._%+-"
# Resident numbers come before long numbers: of a number in groups the first group alone may be long.
_PERSONAL: Final = re.compile(
    rf"""
      (?<![{_MAIL_NAME}]) [{_MAIL_NAME}]++ [ ]? @ [ ]? [a-z0-9-]+ (?:\.[a-z0-9-]+)+    # e-mail address
    | (?<![0-9]) {_PROVINCE} (?:{_GAP}[0-9]){{15}} {_GAP} [0-9x] (?![0-9])             # resident number of 18
    | (?<![0-9]) {_PROVINCE} (?:{_GAP}[0-9]){{13}} (?![0-9])                           # resident number of 15
    | [0-9]{{11,}}+ x?                                                                 # any long number in one piece
    | (?<![0-9]) 1 {_GAP} [3-9] (?:{_GAP}[0-9]){{9}} (?![0-9])                         # mobile number
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SPOKEN_DIGITS: Final = dict(zip("〇零一幺二三四五六七八九", "001123456789", strict=True))


def masked(text: str, *, hiding: Collection[str] = ()) -> str:
    """The text with whatever looks personal struck out by asterisks, one for each character.

    Personal are mobile numbers and resident numbers, in groups or in one piece, any other number of eleven digits or
    more (accounts, cards, cases) and e-mail addresses; in ASCII, full-width or Chinese digits. `hiding` are words that
    are struck out beside them, such as the number of an officer.
    """
    plain = "".join(_plain(character) for character in text)
    words = [re.compile(rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])", re.IGNORECASE | re.ASCII) for word in hiding]
    struck = list(text)
    for pattern in (_PERSONAL, *words):
        for found in pattern.finditer(plain):
            struck[found.start() : found.end()] = "*" * len(found.group())
    return "".join(struck)


def _plain(character: str) -> str:
    """The one ASCII character that reads the same, else the character itself."""
    if character in _SPOKEN_DIGITS:
        return _SPOKEN_DIGITS[character]
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category == "Pd" or character == "−":
        return "-"
    if category == "Zs" or character.isspace():
        return " "
    if character in "。．｡":
        return "."
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
