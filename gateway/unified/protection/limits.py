"""How often a party may call: in a second or a few, in a day, in a day for one purpose. Source: ADR-0031."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Headers, Party
from gateway.unified.protection.addresses import Addresses
from gateway.unified.protection.allowance import Book, Budget, Shares
from gateway.walk import Walk

_CITY: Final = ZoneInfo("Asia/Shanghai")
_KINDS: Final = {problems.RATE_LIMITED: "rate", problems.DAY_USED_UP: "day", problems.PURPOSE_USED_UP: "purpose"}
_STEP_S: Final = 1.0
_GOOD_S: Final = 0.01
_PATIENT: Final = 200
"""So many calls at most wait for a lease at once: each holds a place among those in flight."""
_NONE: Final[Headers] = ()


class Limits:
    """Draws from memory. Without `shares` the process is alone and every limit is its own; else a Leaser fills the budgets.

    `is_filled` from when on a first call need not be refused for want of a lease. `wanted` are budgets that run low, `active`
    those of running windows; `wake` is called when one is wanted. `clock` is monotonic; what it shows is shifted to the
    database's time as soon as that is known, `now` stands for it until then.
    """

    def __init__(
        self,
        shares: Shares | None = None,
        *,
        addresses: Addresses | None = None,
        zone: ZoneInfo = _CITY,
        clock: Callable[[], float] = time.monotonic,
        now: float = 0.0,
    ) -> None:
        self.shares = shares or Shares()
        self.is_away = False
        self.is_filled = not self.shares.count
        self.wanted: set[Budget] = set()
        self.active: set[Budget] = set()
        self.wake: Callable[[], None] = lambda: None
        self._addresses = addresses or Addresses()
        self._zone = zone
        self._clock = clock
        self._offset = now - clock()
        self._error_s = math.inf
        self._drawn_at = 0.0
        self._books: dict[str, dict[str, Book]] = {}
        self._leased = asyncio.Event()
        self._waiting = 0

    def now(self) -> float:
        """The database's time, as far as it is known."""
        return self._clock() + self._offset

    def tell_time(self, said: float, before: float, after: float) -> None:
        """The database said its time between two readings of the clock: somewhere in between, so the closer they are the better.

        A reading that is much worse than the one before it is not believed, unless only such ones come.
        """
        if after - before > max(_GOOD_S, self._error_s):
            self._error_s *= 1.5
            return
        self._error_s = max(_GOOD_S, after - before)
        moved, self._offset = said - (before + after) / 2 - self._offset, said - (before + after) / 2
        if moved < -_STEP_S and self.shares.count:
            # Its clock was set back. Of the windows that come again, shares may have been spent: what is left is leased.
            for budget in self.budgets():
                budget.turn(self.now(), self.shares, is_known=False)

    def draw(self, walk: Walk) -> Deny | None:
        """One call of the walk's party off all its limits, or off none and the first that refuses."""
        party = walk.party
        now = self._drawn_at = self._clock() + self._offset
        if party is None:
            return self._addresses.draw(walk.incoming.client, now)
        books = self._books.get(walk.environment)
        book = books.get(party.id) if books is not None else None
        if book is None or book.party is not party:
            book = self.book(party, walk.environment, now)
        rate = book.rate
        if now >= rate.ends:
            self.begin(rate, now)
        if rate.left <= 0:
            return self._refuse(walk, rate, now)
        closest = rate
        if book.day is not None or book.purposes:
            drawn = self._draw_daily(walk, book, now)
            if isinstance(drawn, Deny):
                return drawn
            closest = drawn
        rate.left -= 1
        rate.used += 1
        if rate.left <= rate.low and not rate.is_asked:
            self._want(rate)
        rule = closest.rule
        walk.limit = {
            "policy": rule.policy,
            "q": rule.quota,
            "w": rule.window_s,
            "r": closest.left,
            "source": "lease" if closest.leased else "local",
        }
        return None

    async def more(self, within_s: float) -> bool:
        """For who was refused for now: whether it is worth to draw again, as soon as it is."""
        if self._waiting >= _PATIENT or within_s <= 0:
            return False
        self._waiting += 1
        self._leased.clear()
        try:
            async with asyncio.timeout(within_s):
                return await self._leased.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    def heard(self) -> None:
        """The leaser has heard of its leases, or that there are none now."""
        self._leased.set()

    def headers(self, walk: Walk) -> Headers:
        """RateLimit-Policy and RateLimit for the answer to a party. Source: draft-ietf-httpapi-ratelimit-headers-10.

        What remains is the estimate of this process: what it holds and what nobody had leased when it last asked.
        """
        if walk.party is None:
            return _NONE
        books = self._books.get(walk.environment)
        book = books.get(walk.party.id) if books is not None else None
        if book is None:
            return _NONE
        closest, policies = book.rate, book.policies
        if book.day is not None or book.purposes:
            day, purpose = book.day, book.purposes.get(walk.purpose)
            if purpose is not None:
                policies = b'%s, "%s";q=%d;w=%d' % (policies, purpose.rule.name.encode(), purpose.rule.quota, purpose.rule.window_s)
            closest = min((each for each in (closest, day, purpose) if each is not None), key=_remaining)
        remaining = closest.left + closest.rest
        return ((b"ratelimit-policy", policies), (b"ratelimit", closest.said % (remaining, closest.ends - int(self._drawn_at))))

    def book(self, party: Party, environment: str, now: float) -> Book:
        """The party's budgets as they stand, made anew where its limits have changed.

        Changed limits begin with what is left of the running windows and with no new share of these.
        """
        books = self._books.setdefault(environment, {})
        known = books.get(party.id)
        if known is not None and known.has_limits_of(party):
            known.party = party
            return known
        made = books[party.id] = Book(party, environment, self._zone)
        if known is not None and self.shares.count:
            self.wanted.difference_update(known.budgets())
            self.active.difference_update(known.budgets())
            before = {budget.rule.policy: budget for budget in known.budgets()}
            for budget in made.budgets():
                budget.turn(now, self.shares, is_known=False)
                if budget.rule.policy in before:
                    budget.take_over(before[budget.rule.policy])
                self._want(budget)
        return made

    def budgets(self) -> list[Budget]:
        return [budget for books in self._books.values() for book in books.values() for budget in book.budgets()]

    def _draw_daily(self, walk: Walk, book: Book, now: float) -> Budget | Deny:
        """The budget that came closest to refusing, the rate's among them. None is touched where one refuses."""
        daily = self._daily(book, walk.purpose, now)
        for each in daily:
            if each.left <= 0:
                return self._refuse(walk, each, now)
        for each in daily:
            each.left -= 1
            each.used += 1
            if each.left <= each.low and not each.is_asked:
                self._want(each)
        return min((book.rate, *daily), key=_remaining)

    def _daily(self, book: Book, purpose: str, now: float) -> list[Budget]:
        daily = [] if book.day is None else [book.day]
        if purpose in book.purposes:
            daily.append(book.purposes[purpose])
        for each in daily:
            if now >= each.ends:
                self.begin(each, now)
        return daily

    def begin(self, budget: Budget, now: float) -> None:
        """The window of now, for a budget whose window is over."""
        budget.turn(now, self.shares)
        if self.shares.count:
            self.active.add(budget)

    def _want(self, budget: Budget) -> None:
        self.wanted.add(budget)
        self.wake()

    def _refuse(self, walk: Walk, budget: Budget, now: float) -> Deny:
        rule = budget.rule
        wait = max(1, math.ceil(budget.ends - now))
        is_for_now = False
        if self.shares.count and budget.may_get_more(now):
            # The next block is on its way: that a whole window has to be waited for would not be true.
            self._want(budget)
            is_for_now = not self.is_away
            wait = 1 if is_for_now else wait
        walk.limit = {"policy": rule.policy, "q": rule.quota, "w": rule.window_s, "r": 0, "source": "lease" if budget.leased else "local"}
        return Deny(
            rule.problem,
            f"{rule.name}-limit",
            headers=(("retry-after", str(wait)),),
            extensions={"limit": _KINDS[rule.problem], "quota": rule.quota, "window_s": rule.window_s},
            is_for_now=is_for_now,
        )


def _remaining(budget: Budget) -> int:
    return budget.left + budget.rest
