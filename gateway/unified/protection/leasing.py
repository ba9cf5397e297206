"""Leases blocks of the parties' quotas from the gateway's database, off the request path. Source: ADR-0031."""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from chassis.errors import ServiceError
from contracts.values import PartyId
from gateway.snapshot import SnapshotSource
from gateway.unified.protection.allowance import Budget
from gateway.unified.protection.limits import Limits

log = structlog.get_logger()

_FIRST_S: Final = 0.01
_TICK_S: Final = 0.2
_IDLE_S: Final = 5.0
_RETRY_S: Final = 0.5
_AHEAD_S: Final = 0.5
_SETTLED_S: Final = 2.0
"""For so long after a registration, blocks of windows to come may have been leased by who has not seen it. More than `_AHEAD_S`."""
_KEPT_S: Final = 10.0
"""For so long after a call a party finds the first block of every window leased already."""
_RENEW_S: Final = 600.0
_WARMED: Final = 500
_LITTLE: Final = 4
"""Who has not called yet has this part of a block in the window to come: enough for what comes before a lease can."""


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """Of the quota of one window, `each` for every registered process, and one more for the first `more`, are not leased."""

    party: PartyId
    environment: str
    policy: str
    starts: int
    ends: int
    quota: int
    each: int
    more: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Granted:
    """`rest` is what of the window nobody has leased yet, `now` the database's time when it was said."""

    granted: int
    rest: int
    now: float


@dataclass(frozen=True, slots=True)
class Registered:
    """The slot of a process, None where there are too many processes. From `since` on windows set its share aside; it must be
    renewed before `until`."""

    slot: int | None
    since: float
    until: float
    now: float


class AllowanceStore(Protocol):
    """Every method raises ServiceError when the database cannot do it in time. `number` is this process's on its machine."""

    @property
    def number(self) -> int: ...

    async def register(self, *, count: int) -> Registered: ...

    async def lease(self, asks: Sequence[Ask]) -> list[Granted]:
        """One answer for each ask, in their order. What is granted of a window in all is never more than its quota."""

    async def give_back(self, asks: Sequence[Ask]) -> None:
        """`wanted` of each was leased and will not be spent."""

    async def purge(self) -> None:
        """Forget windows that are over."""


class Leaser:
    """Keeps the budgets of `limits` filled."""

    def __init__(self, limits: Limits, store: AllowanceStore, snapshots: SnapshotSource) -> None:
        self._limits = limits
        self._store = store
        self._snapshots = snapshots
        self._renew_at = -math.inf
        self._is_woken = asyncio.Event()
        limits.wake = self._is_woken.set

    async def keep(self, stop: asyncio.Event) -> None:
        """Lease until told to stop, then give back what is left of the running windows."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._is_woken.set())
        try:
            while not stop.is_set():
                self._is_woken.clear()
                try:
                    await self.turn()
                except ServiceError as error:
                    self._live_alone()
                    self._limits.heard()
                    log.warning("allowances_not_leased", reason=type(error).__name__)
                    await asyncio.wait([stopping], timeout=_RETRY_S)
                else:
                    self._limits.is_away = False
                    await self._woken(self._pause_s())
        finally:
            stopping.cancel()
        await self._give_back()

    async def turn(self) -> None:
        """One round: what was asked for since the last one, and the next windows of who is calling."""
        await self._register()
        if not self._is_settled():
            self._warm()
        await self._lease([*self._wanted(), *self._ahead()])
        self._limits.is_filled |= self._snapshots.current().policy_version > 0
        self._limits.heard()

    def _pause_s(self) -> float:
        if not self._limits.is_filled:
            return _FIRST_S
        return _TICK_S if self._limits.active or not self._is_settled() else _IDLE_S

    async def _woken(self, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await self._is_woken.wait()
        except TimeoutError:
            return

    async def _register(self) -> None:
        if (before := time.monotonic()) < self._renew_at:
            return
        shares = self._limits.shares
        said = await self._store.register(count=shares.count)
        self._limits.tell_time(said.now, before, time.monotonic())
        if said.slot is None:
            log.error("more_gateway_processes_than_shares", shares=shares.count)
        if said.slot != shares.slot or math.inf in (shares.since, shares.until):
            shares.slot, shares.since = said.slot, max(said.since, said.now + _SETTLED_S)
        shares.until = said.until
        self._renew_at = before + _RENEW_S
        await self._store.purge()

    def _live_alone(self) -> None:
        """Without ever having reached the database, a process lives on the share of its number on this machine."""
        self._limits.is_away = self._limits.is_filled = True
        shares = self._limits.shares
        if self._renew_at == -math.inf and shares.slot is None:
            shares.slot, shares.since, shares.until = self._store.number % shares.count, -math.inf, math.inf

    def _is_settled(self) -> bool:
        return self._limits.now() > self._limits.shares.since

    def _warm(self) -> None:
        """Until the process has a share of its own, every party has a little leased for it before it calls."""
        limits, now = self._limits, self._limits.now()
        for party in list(self._snapshots.current().parties.values())[:_WARMED]:
            if not party.is_active:
                continue
            for budget in limits.book(party, "production", now).budgets():
                if now >= budget.ends:
                    limits.begin(budget, now)
                if not budget.left and not budget.is_asked:
                    limits.wanted.add(budget)

    def _wanted(self) -> Iterable[tuple[Budget, Ask]]:
        now = self._limits.now()
        wanted, self._limits.wanted = self._limits.wanted, set()
        for budget in wanted:
            if now < budget.ends and not budget.is_asked:
                yield budget, self._ask(budget, budget.starts, budget.ends, budget.next_block(now))

    def _ahead(self) -> Iterable[tuple[Budget, Ask]]:
        """The windows about to begin, for whoever called of late, or for all while there is no share."""
        limits, now = self._limits, self._limits.now()
        is_settled = self._is_settled()
        for budget in list(limits.active):
            if now >= budget.ends:
                if is_settled and not budget.used and now - budget.used_until > _KEPT_S:
                    limits.active.discard(budget)
                    continue
                limits.begin(budget, now)
            if budget.ends - now < _AHEAD_S and budget.ahead_of != budget.ends:
                starts, ends = budget.rule.window(budget.ends)
                wanted = budget.block if budget.used or budget.used_until else max(1, budget.block // _LITTLE)
                yield budget, self._ask(budget, starts, ends, wanted)

    def _ask(self, budget: Budget, starts: int, ends: int, wanted: int) -> Ask:
        book, rule = budget.book, budget.rule
        each, more = self._limits.shares.split(rule.quota)
        return Ask(book.party.id, book.environment, rule.policy, starts, ends, rule.quota, each, more, wanted)

    async def _lease(self, asked: list[tuple[Budget, Ask]]) -> None:
        if not asked:
            return
        # Every process takes the rows in one order, so that no two wait for each other.
        asked.sort(key=lambda each: each[1])
        before = time.monotonic()
        try:
            granted = await self._store.lease([ask for _, ask in asked])
        except ServiceError:
            for budget, _ in asked:
                budget.is_asked = False
            raise
        for (budget, ask), each in zip(asked, granted, strict=True):
            budget.receive(ask.starts, each.granted, each.rest)
        self._limits.tell_time(granted[-1].now, before, time.monotonic())

    async def _give_back(self) -> None:
        now = self._limits.now()
        left = [(budget, budget.surrender(now)) for budget in self._limits.budgets()]
        unspent = [self._ask(budget, budget.starts, budget.ends, count) for budget, count in left if count]
        try:
            if unspent:
                await self._store.give_back(sorted(unspent))
        except ServiceError as error:
            log.info("allowances_not_given_back", reason=type(error).__name__)
