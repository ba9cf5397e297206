"""Who is let in under overload: by priority, by what is measured, and for no longer than it lasts."""

import asyncio
import heapq
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from contracts.permissions import Permission
from gateway.decision import Deny
from gateway.door import Body, Exchange
from gateway.registry.priorities import priority_of
from gateway.unified.protection import Admission
from gateway.walk import Incoming
from tests.unit.gateway.city import City, Said


@dataclass
class Behind:
    """A service of `workers` that take `takes_s` each, in the order of arrival, and calls that come in at random."""

    admission: Admission
    workers: int = 4
    takes_s: float = 0.05
    now: float = 0.0
    _free_at: list[float] = field(default_factory=list)
    _running: list[tuple[float, float, int]] = field(default_factory=list)
    granted: Counter[int] = field(default_factory=Counter)
    shed: Counter[int] = field(default_factory=Counter)
    durations: list[float] = field(default_factory=list)

    def run(self, seconds: float, *, per_second: dict[int, float], seed: int = 7) -> None:
        chance = random.Random(seed)
        ends, total = self.now + seconds, sum(per_second.values())
        self.granted.clear(), self.shed.clear(), self.durations.clear()
        while True:
            self.now += chance.expovariate(total)
            if self.now > ends:
                self._finish(ends)
                self.now = ends
                return
            self._finish(self.now)
            [priority] = chance.choices(list(per_second), list(per_second.values()))
            self._arrive(priority)

    def _arrive(self, priority: int) -> None:
        if self.admission.enter(priority, self.now) is not None:
            self.shed[priority] += 1
            return
        if len(self._free_at) < self.workers:
            heapq.heappush(self._free_at, 0.0)
        done = max(self.now, heapq.heappop(self._free_at)) + self.takes_s
        heapq.heappush(self._free_at, done)
        heapq.heappush(self._running, (done, self.now, priority))

    def _finish(self, until: float) -> None:
        while self._running and self._running[0][0] <= until:
            done, started, priority = heapq.heappop(self._running)
            self.admission.leave(started, done)
            self.granted[priority] += 1
            self.durations.append(done - started)


NORMAL = {0: 10.0, 1: 10.0, 2: 10.0, 3: 5.0}
SURGE = {0: 72.0, 1: 250.0, 2: 250.0, 3: 230.0}
"""Ten times the capacity of 80 a second, nine tenths of which the top class alone would use."""


def test_in_ordinary_times_nobody_is_shed() -> None:
    behind = Behind(Admission(start=128))
    behind.run(60, per_second=NORMAL)
    assert not behind.shed


@pytest.mark.parametrize("seed", range(5))
def test_ten_times_too_much_leaves_the_top_class_what_it_would_have_alone_and_sheds_the_others_from_below(seed: int) -> None:
    """Answers take what is not yet called slow, once the queue of the first moments is gone, and go on doing so."""
    behind = Behind(Admission(start=128))
    behind.run(20, per_second=NORMAL, seed=seed)
    behind.run(30, per_second=SURGE, seed=seed + 1)
    behind.run(55, per_second=SURGE, seed=seed + 2)
    assert behind.granted[0] + 72 >= 0.9 * 72 * 55
    assert not behind.shed[0]
    kept = {each: behind.granted[each] / (behind.granted[each] + behind.shed[each]) for each in (1, 2, 3)}
    assert kept[1] >= kept[2] >= kept[3]
    assert sorted(behind.durations)[len(behind.durations) // 2] < 1.0


def test_when_it_is_over_nobody_is_shed_within_seconds() -> None:
    behind = Behind(Admission(start=128))
    behind.run(20, per_second=NORMAL)
    behind.run(60, per_second=SURGE)
    behind.run(15, per_second=NORMAL)
    behind.run(15, per_second=NORMAL)
    assert not behind.shed


def test_a_service_that_is_slow_by_nature_is_not_taken_for_overloaded_for_long() -> None:
    """Answers take forty times longer from one moment to the next, and as many as come are answered."""
    behind = Behind(Admission(), workers=10_000)
    behind.run(20, per_second=NORMAL)
    behind.takes_s = 2.0
    behind.run(60, per_second={1: 20.0, 2: 20.0})
    behind.run(30, per_second={1: 20.0, 2: 20.0})
    assert not behind.shed


def test_many_quick_answers_at_once_are_no_overload() -> None:
    behind = Behind(Admission(), workers=50, takes_s=0.01)
    behind.run(30, per_second={2: 4500.0})
    assert not behind.shed


def test_at_the_most_even_the_top_class_is_refused() -> None:
    admission = Admission(start=8, most=8)
    assert [admission.enter(0, 0.0) for _ in range(8)] == [None] * 8
    refused = admission.enter(0, 0.0)
    assert isinstance(refused, Deny)
    assert (refused.problem.code, refused.problem.status, dict(refused.headers)["retry-after"]) == ("overloaded", 503, "1")


@pytest.mark.parametrize(("priority", "bound"), [(1, 85), (2, 70), (3, 50)])
def test_a_lower_priority_is_refused_earlier(priority: int, bound: int) -> None:
    admission = Admission(start=100)
    assert sum(admission.enter(priority, 0.0) is None for _ in range(120)) == bound
    assert admission.enter(0, 0.0) is None


def test_a_late_event_loop_lowers_the_bound_where_much_is_in_flight_and_only_there() -> None:
    admission = Admission(start=100)
    admission.note_lateness(5.0)
    assert admission.bound == 100
    for _ in range(60):
        admission.enter(0, 0.0)
    admission.note_lateness(0.1)
    assert admission.bound == 100
    admission.note_lateness(0.5)
    assert admission.bound == pytest.approx(80)


def test_the_bound_never_falls_below_the_least() -> None:
    admission = Admission(least=16, start=100)
    for _ in range(100):
        admission.enter(0, 0.0)
        admission.note_lateness(9.0)
    assert admission.bound == 16


async def test_who_is_shed_is_told_so_by_protection_and_asks_nobody(city: City) -> None:
    city.admission = Admission(start=2, most=2, least=1)
    for _ in range(2):
        city.admission.enter(0, 0.0)
    said = await city.call("GET", "/matters", city.bearer())
    assert (said.status, said.problem()["code"], said.problem()["room"]) == (503, "overloaded", "protection")
    assert said.headers["retry-after"] == "5"
    assert {"zh", "en"} == said.problem()["titles"].keys()
    assert city.asked == []


async def test_whoever_was_let_in_leaves_also_when_nothing_comes_of_it(city: City) -> None:
    await city.call("GET", "/matters", city.bearer())
    city.known = replace(city.known, parties={})
    await city.call("GET", "/matters", city.bearer())
    assert city.admission.in_flight == 0


def test_codes_are_of_the_top_class() -> None:
    assert priority_of(Permission.CITY_CODE_ISSUE) == priority_of(Permission.SIGN_ON) == 0


def test_who_waits_for_its_own_caller_takes_nobodys_place() -> None:
    admission = Admission(start=16)
    for _ in range(16):
        admission.enter(0, 0.0)
    assert admission.enter(2, 0.0) is not None
    for _ in range(12):
        admission.step_out()
    assert admission.enter(2, 0.0) is None
    for _ in range(12):
        admission.step_in()
    assert admission.in_flight == 17


def test_a_crowd_is_no_queue_for_those_whose_answers_were_slow_before_it_came() -> None:
    admission = Admission(start=512)
    for _ in range(5):
        admission.enter(2, 0.0)
        admission.leave(0.0, 0.005)
    for began in range(5):
        admission.enter(2, 10.0 + began)
    for began in range(5):
        admission.leave(10.0 + began, 19.0)
    for _ in range(200):
        assert admission.enter(2, 19.05) is None
    admission.leave(19.05, 19.2)
    assert admission.bound >= 512


class Watched(Admission):
    """Remembers what it was told of the only one that left."""

    judged_s = 0.0

    def leave(self, started: float, now: float) -> None:
        self.judged_s = now - started
        super().leave(started, now)


@pytest.mark.parametrize("is_cut_off", [True, False])
async def test_how_slowly_a_body_comes_is_never_called_slowness_of_the_mesh(city: City, is_cut_off: bool) -> None:
    """Also where the last wait for it was in vain."""
    admission = city.admission = Watched()
    body, waited_s = Body(8, lambda: None), 0.0
    incoming = Incoming("POST", "/token", "", [("host", "x")], length=8)
    began = time.perf_counter()
    walk = asyncio.create_task(city.pipeline()(Exchange(incoming, body, Said())))
    await asyncio.sleep(0)
    for wanted_s in (0.02, 0.04):
        while (waited_s := body.waited_s(time.perf_counter())) < wanted_s:
            pass
        if wanted_s == 0.02 or not is_cut_off:
            body.feed(b"half")
        if wanted_s == 0.04 and not is_cut_off:
            body.finish()
        body.wake()
        await asyncio.sleep(0)
    if is_cut_off:
        walk.cancel()
    await asyncio.gather(walk, return_exceptions=True)
    assert len(city.asked) == (not is_cut_off)
    assert admission.judged_s <= time.perf_counter() - began - waited_s
