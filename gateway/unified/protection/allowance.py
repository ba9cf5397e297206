"""What one party may still call in one window, as one gateway process knows it.

Seconds since the epoch everywhere, by the database's clock.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from contracts.problems import ProblemType
from contracts.problems import gateway as problems
from gateway.snapshot import Party

RATE: Final = "party"
DAY: Final = "party-day"
PURPOSE: Final = "party-purpose"

_QUICK_S: Final = 0.5
_SLOW_S: Final = 5.0
_ASK_AGAIN_S: Final = 30.0

Window = Callable[[float], tuple[int, int]]
"""An instant → the start of the window that it is in, and the start of the next one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `quota` calls in each window. `policy` is its name in the tables, `name` and `window_s` those in the headers."""

    policy: str
    name: str
    quota: int
    window_s: int
    window: Window
    problem: ProblemType
    parts: tuple[int, int]
    """The first block is the quota divided by the first of them, the largest by the second."""


@dataclass(slots=True)
class Shares:
    """What each process may admit in a window without a lease: a `fraction` of the quota, in `count` equal shares.

    A process has a share once it has a `slot`, in windows that begin from `since` on and before `until`. `count` 0 is for
    a process that is alone: everything is its own.
    """

    count: int = 0
    fraction: float = 0.0
    slot: int | None = None
    since: float = math.inf
    until: float = 0.0

    def split(self, quota: int) -> tuple[int, int]:
        """(what each slot has, how many of the first slots have one more). At least one call is left to be leased."""
        return divmod(min(max(0, quota - 1), max(math.floor(quota * self.fraction), self.count)), self.count)

    def own(self, quota: int, starts: float) -> int:
        if not self.count:
            return quota
        if self.slot is None or not self.since <= starts < self.until:
            return 0
        each, more = self.split(quota)
        return each + (self.slot < more)


class Budget:
    """One rule and what is left of it here. `left` may be spent now, `rest` is what others had left when last heard of."""

    __slots__ = (
        "ahead",
        "ahead_of",
        "asked_at",
        "block",
        "book",
        "ends",
        "is_asked",
        "leased",
        "left",
        "low",
        "rest",
        "rule",
        "said",
        "starts",
        "used",
        "used_until",
    )

    def __init__(self, rule: Rule, book: "Book") -> None:
        self.rule, self.book = rule, book
        self.said = f'"{rule.name}";r=%d;t=%d'.encode()
        self.starts, self.ends = 0, 0
        self.left = self.rest = self.used = self.low = 0
        self.ahead = 0
        self.ahead_of = 0
        """The window for which `ahead` calls were leased before it began."""
        self.block = max(1, rule.quota // rule.parts[0])
        self.leased = 0
        """What of this window was leased here."""
        self.used_until = 0
        """The end of the newest window before this one in which anything was called."""
        self.asked_at = 0.0
        self.is_asked = False

    def turn(self, now: float, shares: Shares, *, is_known: bool = True) -> None:
        """A new window: what was not spent is gone. A limit that has just changed gets no share of the running window."""
        previous, (self.starts, self.ends) = self.ends, self.rule.window(now)
        own = shares.own(self.rule.quota, self.starts) if is_known else 0
        self.leased = self.ahead if self.ahead_of == self.starts else 0
        self.left = own + self.leased
        self.ahead = 0
        self.used_until = previous if self.used else self.used_until
        self.rest = self.rule.quota - self.left if shares.count else 0
        self.used = 0
        self.low = self.block // 2 if shares.count else -1
        self.is_asked = False

    def may_get_more(self, now: float) -> bool:
        """False when all is leased: but others may give back, so it is asked for again now and then."""
        return self.rest > 0 or now - self.asked_at > _ASK_AGAIN_S

    def next_block(self, now: float) -> int:
        """Twice as much for who comes back at once, half for who does not."""
        since = now - self.asked_at
        self.asked_at, self.is_asked = now, True
        if since < _QUICK_S:
            self.block = min(self.block * 2, max(1, self.rule.quota // self.rule.parts[1]))
        elif since > _SLOW_S:
            self.block = max(1, self.block // 2)
        return self.block

    def receive(self, starts: int, granted: int, rest: int) -> None:
        """A grant for this window or for the next one; for one that is over it comes too late."""
        if starts == self.starts:
            self.left += granted
            self.leased += granted
            self.rest, self.is_asked = max(0, rest), False
            self.low = self.block // 2 if rest > 0 else -1
        elif starts > self.starts:
            self.ahead, self.ahead_of = (self.ahead if self.ahead_of == starts else 0) + granted, starts

    def take_over(self, before: "Budget") -> None:
        """What is left of the same window under the limit before this one, as far as this one allows it."""
        if (before.starts, before.ends) == (self.starts, self.ends):
            self.left = min(before.left, max(0, self.rule.quota - before.used))
            self.leased, self.used = min(before.leased, self.left), before.used

    def surrender(self, now: float) -> int:
        """What was leased of the running window and is left: from here on nothing of it is spent."""
        unspent = min(self.left, self.leased) if now < self.ends else 0
        self.left = self.rest = 0
        return unspent


class Book:
    """The budgets of one party in one environment."""

    __slots__ = ("day", "environment", "party", "policies", "purposes", "rate")

    def __init__(self, party: Party, environment: str, zone: ZoneInfo) -> None:
        self.party, self.environment = party, environment
        self.rate = Budget(_rate(party), self)
        self.day = None if party.per_day is None else Budget(_daily(DAY, DAY, party.per_day, problems.DAY_USED_UP, zone), self)
        self.purposes = {
            purpose: Budget(_daily(f"{PURPOSE}:{purpose}", PURPOSE, quota, problems.PURPOSE_USED_UP, zone), self)
            for purpose, quota in party.purposes.items()
        }
        self.policies = _policies([self.rate.rule, *((self.day.rule,) if self.day is not None else ())])

    def budgets(self) -> list[Budget]:
        return [self.rate, *((self.day,) if self.day is not None else ()), *self.purposes.values()]

    def has_limits_of(self, party: Party) -> bool:
        mine = self.party
        return (mine.per_second, mine.burst, mine.per_day, mine.purposes) == (party.per_second, party.burst, party.per_day, party.purposes)


def _policies(rules: list[Rule]) -> bytes:
    return ", ".join(f'"{rule.name}";q={rule.quota};w={rule.window_s}' for rule in rules).encode()


def rate_window(per_second: float, burst: int) -> tuple[int, int]:
    """(calls, whole seconds): over a window never more than `per_second` on average, nor at once more than a second's or `burst`.

    Where less than one call a second is registered, the window is as long as one call takes. A limit of nothing is (0, 1).
    """
    if per_second <= 0 or burst <= 0:
        return 0, 1
    seconds = max(1, math.floor(burst / per_second), math.ceil(1 / per_second))
    return max(1, math.floor(per_second * seconds)), seconds


def _rate(party: Party) -> Rule:
    quota, seconds = rate_window(party.per_second, party.burst)

    def window(now: float) -> tuple[int, int]:
        starts = int(now // seconds) * seconds
        return starts, starts + seconds

    return Rule(RATE, RATE, quota, seconds, window, problems.RATE_LIMITED, (4, 2))


def _daily(policy: str, name: str, quota: int, problem: ProblemType, zone: ZoneInfo) -> Rule:
    def window(now: float) -> tuple[int, int]:
        day = datetime.fromtimestamp(now, zone).date()
        midnights = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
        starts, ends = (int(each.timestamp()) for each in midnights)
        return starts, ends

    return Rule(policy, name, quota, 86_400, window, problem, (200, 20))
