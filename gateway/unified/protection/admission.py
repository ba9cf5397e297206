"""What is let in under overload: the lower a priority, the earlier it is shed. Source: ADR-0031."""

import asyncio
from typing import Final

from contracts.problems import gateway as problems
from gateway.decision import Deny

_INTERVAL_S: Final = 0.1
_SAMPLES: Final = 200
_NOTHING_S: Final = 0.001
"""What ends sooner asked nobody."""
_FEW: Final = 5
_AGEING: Final = 1.0012
"""By which the best duration grows in an interval: it doubles in a minute in which nothing as good was seen."""
_PROBE_AFTER_S: Final = 3.0
_PROBE_SELDOM_S: Final = 30.0
_PROBE_S: Final = 1.0
_PROBE_LONGEST_S: Final = 10.0
_QUEUED: Final = 8
_PARTS: Final = (1.0, 0.85, 0.7, 0.5)
_TICK_S: Final = 0.05
_IDLE_TICK_S: Final = 0.5


class Admission:
    """Bounds the requests in flight by priority: 0 codes and sign-on, 1 progress, 2 intake, 3 statistics.

    The lower three share an adaptive bound, each up to its part of it; the top one is refused only at `most`. The bound
    falls when answers take longer than they need and requests pile up for it, or when this process's own event loop is
    late; it rises again while they do not. `slow_s` is what is never called slow, `late_s` what a loop may be late.
    Instants are seconds of any one clock. Source: adaptive concurrency as in Envoy, TCP Vegas for the queue.
    """

    def __init__(self, *, least: int = 16, start: int = 512, most: int = 1024, slow_s: float = 0.5, late_s: float = 0.25) -> None:
        self.least, self.start, self.most = least, start, most
        self.slow_s, self.late_s = slow_s, late_s
        self.in_flight = 0
        self.bound = float(start)
        self._bounds = [most] * len(_PARTS)
        self._took: list[tuple[float, int]] = []
        self._counts_from = 0.0
        self._interval_ends = 0.0
        self._best = 0.0
        self._probe_at = self._probe_ends = 0.0
        self._probe_after_s = _PROBE_AFTER_S
        self._few = 0.0
        self._refusals = tuple(
            Deny(problems.OVERLOADED, f"priority-{priority}", headers=(("retry-after", str(wait)),), extensions={"priority": priority})
            for priority, wait in enumerate((1, 2, 5, 10))
        )
        self._set(self.bound)

    def enter(self, priority: int, now: float) -> Deny | None:
        """None for who may go on, and must `leave` once."""
        if self.in_flight < self._bounds[priority]:
            self.in_flight += 1
            return None
        if now >= self._interval_ends:
            self._adapt(now)
        return self._refusals[priority]

    def leave(self, started: float, now: float) -> None:
        self.in_flight -= 1
        if now - started > _NOTHING_S and len(self._took) < _SAMPLES and (not self._probe_ends or self._is_of_few(started, now)):
            # Who comes after it has ended was not in its way.
            self._took.append((now - started, self.in_flight))
        if now >= self._interval_ends:
            self._adapt(now)

    def step_out(self) -> None:
        """Who was let in waits for its own caller and takes nobody's place; it must `step_in` again."""
        self.in_flight -= 1

    def step_in(self) -> None:
        self.in_flight += 1

    async def watch(self, stop: asyncio.Event) -> None:
        """Measure how late the event loop is: what waits there has not even entered."""
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            tick_s = _TICK_S if self.in_flight else _IDLE_TICK_S
            due = loop.time() + tick_s
            await asyncio.sleep(tick_s)
            self.note_lateness(loop.time() - due)

    def note_lateness(self, late_s: float) -> None:
        if late_s > self.late_s and self.in_flight > self.bound / 2:
            self._fall(self.bound * 0.8, self._interval_ends)

    def _adapt(self, now: float) -> None:
        """Once an interval: compare the median duration with the best one of late."""
        self._interval_ends = now + _INTERVAL_S
        if self._probe_ends:
            self._probe(now)
        elif len(self._took) >= _FEW:
            self._judge(*self._take_median(), now)
        elif self.in_flight <= self.least:
            self._rise()

    def _judge(self, median: float, beside: int, now: float) -> None:
        """`beside` is how many were in flight when the one ended that took so long."""
        self._best = min(median, self._best * _AGEING) if self._best else median
        queued = beside * (1 - self._best / median)
        if queued > _QUEUED and median > max(2 * self._best, self.slow_s):
            self._fall(min(self.bound * 0.9, max(2 * (beside - queued), self.bound * 0.5)), now)
        else:
            self._rise()
        if self._probe_at and now >= self._probe_at:
            self._begin_probe(median, now)

    def _begin_probe(self, median: float, now: float) -> None:
        """Is it a queue that makes answers slow, or are they slow by nature now? With few in flight there is no queue."""
        self._few = max(2.0, self.bound / 4)
        self._probe_ends, self._counts_from = now + min(_PROBE_LONGEST_S, max(_PROBE_S, 4 * median)), 0.0
        self._limit(self._few)

    def _is_of_few(self, started: float, now: float) -> bool:
        """While it is probed: whether this one began after there were few, and there still are."""
        if self.in_flight > 2 * self._few:
            return False
        self._counts_from = self._counts_from or now
        return started >= self._counts_from

    def _probe(self, now: float) -> None:
        if len(self._took) < _FEW and now < self._probe_ends:
            return
        was, self._best = self._best, self._take_median()[0] if len(self._took) >= _FEW else self._best
        self._took = []
        # Where it was a queue, or the top class alone is too many to tell, it is asked again ever more seldom.
        self._probe_after_s = _PROBE_AFTER_S if self._best > 1.5 * was else min(_PROBE_SELDOM_S, 2 * self._probe_after_s)
        self._probe_ends, self._probe_at = 0.0, now + self._probe_after_s
        self._limit(self.bound)

    def _fall(self, bound: float, now: float) -> None:
        self._probe_at = self._probe_at or now + self._probe_after_s
        self._set(bound)

    def _rise(self) -> None:
        """By a tenth where the bound is felt, and twice as fast back to the start where it is not."""
        if self.in_flight > self.bound / 4:
            self._set(self.bound * 1.1)
        elif self.bound < self.start:
            self._set(self.bound * 1.2)
        if self.bound >= self.start:
            self._probe_at, self._probe_after_s = 0.0, _PROBE_AFTER_S

    def _take_median(self) -> tuple[float, int]:
        took, self._took = sorted(self._took), []
        return took[len(took) // 2]

    def _set(self, bound: float) -> None:
        self.bound = min(float(self.most), max(float(self.least), bound))
        if not self._probe_ends:
            self._limit(self.bound)

    def _limit(self, bound: float) -> None:
        self._bounds[1:] = [max(2, int(bound * part)) for part in _PARTS[1:]]
