"""门户集成 as rules: what a channel's policy may say, what narrows it, and how a channel closes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import gateway as problems
from contracts.values import Grade, OfficerId

CONSOLE: Final = "operator"
_ORIGIN: Final = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[1-9][0-9]{0,4})?")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_USUAL_PORT: Final = {"https": 443, "http": 80}


class NoSuchChannel(NotFound):
    problem = problems.CHANNEL_NOT_FOUND


class ChannelIsKnown(Conflict):
    problem = problems.CHANNEL_KNOWN


class ChannelIsNotOpen(Conflict):
    problem = problems.CHANNEL_NOT_OPEN


class OfficersWouldBeShutOut(Conflict):
    problem = problems.CHANNEL_OF_OFFICERS


class PolicyWidens(Conflict):
    problem = problems.WIDENING_NEEDS_TWO


class OriginIsNotAcceptable(Invalid):
    problem = problems.ORIGIN_NOT_ACCEPTABLE


class HoursAreNotAcceptable(Invalid):
    problem = problems.HOURS_NOT_ACCEPTABLE


@dataclass(frozen=True, slots=True)
class Hours:
    """`days` from 1 (Monday) to 7; `opens` and `closes` as HH:MM in the city's time."""

    days: frozenset[int]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Policy:
    kinds: frozenset[str]
    audiences: frozenset[str]
    grade: int
    assurance: int
    may_write: bool
    origins: frozenset[str]
    hours: Hours | None = None

    def check(self) -> None:
        """Raises OriginIsNotAcceptable or HoursAreNotAcceptable."""
        check_origins(self.origins)
        if self.hours and self.hours.opens >= self.hours.closes:
            raise HoursAreNotAcceptable

    @property
    def lets_officers_in(self) -> bool:
        return CONSOLE in self.kinds and "operator" in self.audiences and self.may_write and self.grade >= Grade.INTERNAL and not self.hours

    def widened(self, by: "Policy") -> list[str]:
        """The clauses in which `by` would let through what this policy does not."""
        wider = {
            "kinds": not by.kinds <= self.kinds,
            "audiences": not by.audiences <= self.audiences,
            "grade": by.grade > self.grade,
            "assurance": by.assurance < self.assurance,
            "may_write": by.may_write and not self.may_write,
            "origins": not by.origins <= self.origins,
            "hours": not _is_within(by.hours, self.hours),
        }
        return [clause for clause, is_wider in wider.items() if is_wider]


def _is_within(inner: Hours | None, outer: Hours | None) -> bool:
    if outer is None:
        return True
    return inner is not None and inner.days <= outer.days and outer.opens <= inner.opens and inner.closes <= outer.closes


@dataclass(frozen=True, slots=True)
class Channel:
    """渠道. `closed_for` is why it is closed, in Chinese and English."""

    code: str
    zh: str
    en: str
    policy: Policy
    is_open: bool
    changed_at: datetime
    usual_for: frozenset[str] = frozenset()
    closed_for: tuple[str, str] | None = None
    changed_by: OfficerId | None = None

    def close(self, zh: str, en: str, *, by: OfficerId, at: datetime) -> "Channel":
        """Raises ChannelIsNotOpen, or OfficersWouldBeShutOut: nobody could open it again."""
        if not self.is_open:
            raise ChannelIsNotOpen
        if CONSOLE in self.usual_for:
            raise OfficersWouldBeShutOut
        return replace(self, is_open=False, closed_for=(zh, en), changed_by=by, changed_at=at)

    def open(self, *, by: OfficerId, at: datetime) -> "Channel":
        return replace(self, is_open=True, closed_for=None, changed_by=by, changed_at=at)

    def narrow(self, policy: Policy, *, by: OfficerId, at: datetime) -> "Channel":
        """Raises PolicyWidens where the policy lets through what it did not before, and what `follow` raises."""
        policy.check()
        if clauses := self.policy.widened(policy):
            raise PolicyWidens(", ".join(clauses), clauses=clauses)
        return self.follow(policy, by=by, at=at)

    def follow(self, policy: Policy, *, by: OfficerId, at: datetime) -> "Channel":
        """Raises OfficersWouldBeShutOut for a policy under which nobody could change it again."""
        policy.check()
        if CONSOLE in self.usual_for and not policy.lets_officers_in:
            raise OfficersWouldBeShutOut
        return replace(self, policy=policy, changed_by=by, changed_at=at)


def check_origins(origins: Iterable[str]) -> None:
    """Raises OriginIsNotAcceptable for anything but the exact origins that browsers send. Source: RFC 6454 section 6.2."""
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise OriginIsNotAcceptable("an origin is scheme, host and port in lower case, as browsers send it")
        try:
            parts = urlsplit(origin)
            port = parts.port
        except ValueError:
            raise OriginIsNotAcceptable("an origin has no such port") from None
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise OriginIsNotAcceptable("an origin is neither https nor on loopback")
        if port == _USUAL_PORT[parts.scheme]:
            raise OriginIsNotAcceptable("browsers leave out the usual port")
