"""Rounds gather while much comes, and nobody waits while little does."""

import itertools

import pytest

from chassis.pace import Pace

BUSY, APART_S = 60, 0.1


def rounds(per_second: float, *, for_s: float = 10.0) -> tuple[list[float], float]:
    """When rounds begin that carry each thing as soon as they may, and the longest that one waited."""
    pace = Pace(busy=BUSY, apart_s=APART_S)
    begun: list[float] = []
    longest = 0.0
    waiting: list[float] = []
    may_begin = 0.0
    for number in range(int(per_second * for_s)):
        now = number / per_second
        if waiting and now > may_begin:
            longest = max(longest, may_begin - waiting[0])
            pace.began(may_begin, len(waiting))
            begun.append(may_begin)
            waiting = []
        if not waiting:
            may_begin = now + pace.wait_s(now)
        waiting.append(now)
    return begun, longest


def test_a_lone_thing_never_waits() -> None:
    begun, longest = rounds(40)
    assert longest == 0
    assert len(begun) == pytest.approx(400, abs=1)


def test_of_many_a_round_carries_some_and_none_waits_longer_than_that() -> None:
    begun, longest = rounds(400)
    settled = [at for at in begun if at > 1]
    assert all(later - sooner >= APART_S - 1e-9 for sooner, later in itertools.pairwise(settled))
    assert len(settled) == pytest.approx(9 / APART_S, rel=0.05)
    assert longest <= APART_S


def test_a_burst_that_is_over_is_forgotten() -> None:
    pace = Pace(busy=BUSY, apart_s=APART_S)
    pace.began(0.0, 500)
    assert pace.wait_s(0.01) == pytest.approx(APART_S - 0.01)
    assert pace.wait_s(0.2) == 0
    pace.began(5.0, 1)
    assert pace.wait_s(5.0) == 0


def test_the_first_of_all_does_not_wait() -> None:
    assert Pace(busy=0, apart_s=APART_S).wait_s(0.0) == 0
