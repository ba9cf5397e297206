"""Guessing, as rules. Source: fault F99."""

from datetime import timedelta

import pytest

from services.identity.domain.attempts import ACCOUNT, KEPT, MESSAGES, MESSAGES_FROM_SOURCE, SOURCE, Attempts, Limit
from tests.support.clock import TODAY


def failed(times: int, limit: Limit = ACCOUNT) -> Attempts:
    attempts = Attempts(TODAY)
    for _ in range(times):
        attempts = attempts.failed(limit, TODAY)
    return attempts


@pytest.mark.parametrize("limit", [ACCOUNT, SOURCE, MESSAGES, MESSAGES_FROM_SOURCE])
def test_the_last_failure_of_a_limit_locks_for_a_while(limit: Limit) -> None:
    assert not failed(limit.failures - 1, limit).is_locked(TODAY)
    locked = failed(limit.failures, limit)
    assert locked.is_locked(TODAY + limit.lock - timedelta(microseconds=1))
    assert not locked.is_locked(TODAY + limit.lock)
    assert not locked.failed(limit, TODAY + limit.lock).is_locked(TODAY + limit.lock), "after a lock the count starts anew"


@pytest.mark.parametrize("limit", [ACCOUNT, SOURCE])
def test_old_failures_count_no_more(limit: Limit) -> None:
    later = TODAY + limit.within
    assert not failed(limit.failures - 1, limit).failed(limit, later).is_locked(later)
    just_before = later - timedelta(microseconds=1)
    assert failed(limit.failures - 1, limit).failed(limit, just_before).is_locked(just_before)


def test_what_is_kept_outlives_every_limit() -> None:
    assert all(max(each.within, each.lock) < KEPT for each in (ACCOUNT, SOURCE, MESSAGES, MESSAGES_FROM_SOURCE))


def looked_at(guesses: int, limit: Limit, *, every: timedelta) -> int:
    """How many of so many guesses are looked at at all."""
    attempts, at, looked = Attempts(TODAY), TODAY, 0
    for _ in range(guesses):
        if not attempts.is_locked(at):
            looked, attempts = looked + 1, attempts.failed(limit, at)
        at += every
    return looked


@pytest.mark.parametrize(
    ("limit", "every", "most"),
    [
        (ACCOUNT, timedelta(milliseconds=10), 5),
        (ACCOUNT, timedelta(seconds=1), 60),
        (SOURCE, timedelta(milliseconds=10), 100),
        (SOURCE, timedelta(seconds=1), 1100),
    ],
)
def test_of_ten_thousand_guesses_few_are_looked_at(limit: Limit, every: timedelta, most: int) -> None:
    """One every 10 ms takes two minutes, one a second takes three hours."""
    assert looked_at(10_000, limit, every=every) <= most
