"""Acting for others: who may appoint whom for how long, and what a mandate is worth at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.working_days import SHANGHAI, local_day
from contracts.problems import identity as problems
from contracts.values import BasicCode, MandateId, OrganisationId, PersonId
from services.identity.domain.sign_on import ACR

ADULT: Final = 18
"""Source: 民法典 Art. 17."""


class NoSuchMandate(NotFound):
    problem = problems.MANDATE_NOT_FOUND


class MandateToOneself(Invalid):
    problem = problems.MANDATE_TO_ONESELF


class MandateOverlaps(Conflict):
    problem = problems.MANDATE_OVERLAPS


class MandateTimeNotValid(Invalid):
    problem = problems.MANDATE_TIME_NOT_VALID


class TooYoungForMandate(Forbidden):
    problem = problems.MANDATE_AGE


class AssuranceTooLowForMandate(Forbidden):
    problem = problems.MANDATE_ASSURANCE


class MandateNotAwaitingAcceptance(Conflict):
    problem = problems.MANDATE_NOT_WAITING


class TooManyMandatesWaiting(Conflict):
    problem = problems.MANDATES_WAITING


class NotAMinor(Invalid):
    problem = problems.NOT_A_MINOR


class GuardianshipNotConfirmed(Invalid):
    problem = problems.GUARDIANSHIP_WRONG


class Kind(StrEnum):
    REPRESENTATIVE = "representative"
    AGENT = "agent"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    HELPER = "helper"


class State(StrEnum):
    WAITING = "waiting"
    COMING = "coming"
    ACTIVE = "active"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of mandate takes. No `longest`: as long as the fact that it stands on."""

    kind: Kind
    zh: str
    en: str
    longest: timedelta | None
    grantor_assurance: int
    principal_assurance: int
    agent_assurance: int
    agent_accepts: bool
    agent_age: int

    def check_grantor(self, assurance: int, born: date | None, at: datetime) -> None:
        """Raises AssuranceTooLowForMandate, TooYoungForMandate."""
        _check(assurance, self.grantor_assurance, born, ADULT, at)

    def check_agent(self, assurance: int, born: date | None, at: datetime) -> None:
        """Raises as `check_grantor` does."""
        _check(assurance, self.agent_assurance, born, self.agent_age, at)

    def check_time(self, begins_at: datetime, ends_at: datetime, at: datetime) -> None:
        """Raises MandateTimeNotValid."""
        longest = self.longest or timedelta.max
        if not at <= begins_at < ends_at or ends_at - begins_at > longest or begins_at - at > longest:
            raise MandateTimeNotValid(longest_days=self.longest.days if self.longest else None)


@dataclass(frozen=True, slots=True)
class Rules:
    """`answer_within` is how long an agent has to accept, `waiting_at_most` how many of one grantor's may wait at a time."""

    kinds: Mapping[Kind, Rule]
    answer_within: timedelta
    waiting_at_most: int


@dataclass(frozen=True, slots=True)
class Mandate:
    """The authority of `agent` to act for `principal` in `matters` (none: all). `ends_at` is its first moment without force.

    `agent` is None where nobody goes by the name and number that the grantor gave: such a mandate waits like any other
    and nobody accepts it. Until `answer_by` it may be accepted.
    """

    id: MandateId
    kind: Kind
    principal: PersonId | OrganisationId
    agent: PersonId | None
    agent_name: str
    matters: tuple[BasicCode, ...]
    begins_at: datetime
    ends_at: datetime | None
    granted_at: datetime
    granted_by: PersonId
    answer_by: datetime | None = None
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: PersonId | None = None
    reason: str | None = None

    def state(self, at: datetime) -> State:
        if self.revoked_at is not None:
            return State.REVOKED
        if self.ends_at is not None and at >= self.ends_at:
            return State.ENDED
        if self.accepted_at is None:
            return State.WAITING if self.answer_by is None or at < self.answer_by else State.ENDED
        return State.COMING if at < self.begins_at else State.ACTIVE

    def is_open(self, at: datetime) -> bool:
        """Whether it has force, or may come to have it."""
        return self.state(at) not in {State.ENDED, State.REVOKED}

    def accepted(self, at: datetime) -> "Mandate":
        """Raises MandateNotAwaitingAcceptance."""
        if self.state(at) is not State.WAITING:
            raise MandateNotAwaitingAcceptance
        return replace(self, accepted_at=at)

    def revoked(self, by: PersonId | None, at: datetime, reason: str | None) -> "Mandate":
        return replace(self, revoked_at=at, revoked_by=by, reason=reason)

    def overlaps(self, other: "Mandate") -> bool:
        """Whether both would say the same of some matter at some moment."""
        if self.ends_at is None or other.ends_at is None:
            return False
        share = not self.matters or not other.matters or bool(set(self.matters) & set(other.matters))
        return share and self.begins_at < other.ends_at and other.begins_at < self.ends_at


def age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def comes_of_age_at(born: date) -> datetime:
    """The first moment of the eighteenth birthday in the city; of a leap day's child, of the first of March."""
    leap = (born.month, born.day) == (2, 29)
    day = date(born.year + ADULT, 3, 1) if leap else born.replace(year=born.year + ADULT)
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def guardianship_ends_at(born: date, rule: Rule, at: datetime) -> datetime:
    """Raises NotAMinor."""
    adult_at = comes_of_age_at(born)
    if at >= adult_at:
        raise NotAMinor
    return min(adult_at, at + rule.longest) if rule.longest else adult_at


def _check(assurance: int, least: int, born: date | None, age: int, at: datetime) -> None:
    if assurance < least:
        raise AssuranceTooLowForMandate(required_assurance=least, assurance=assurance, acr_values=f"{ACR}{least}")
    # Of whom no document tells the age, nobody can say that they are old enough.
    if born is None or age_on(born, local_day(at)) < age:
        raise TooYoungForMandate(required_age=age)
