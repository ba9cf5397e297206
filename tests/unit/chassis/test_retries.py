from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, RequestInProgress, ServiceError, Unavailable
from chassis.messaging.retries import RetryPolicy, is_transient, retry_delay

BASE, CEILING = timedelta(milliseconds=100), timedelta(seconds=20)


def longest(attempt: int) -> timedelta:
    return retry_delay(attempt, base=BASE, ceiling=CEILING, random=lambda: 1.0)


def test_the_longest_wait_doubles_up_to_the_ceiling() -> None:
    assert [longest(attempt).total_seconds() for attempt in range(1, 11)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20, 20]


@given(attempt=st.integers(1, 10**9), luck=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_anywhere_between_nothing_and_the_longest(attempt: int, luck: float) -> None:
    delay = retry_delay(attempt, base=BASE, ceiling=CEILING, random=lambda: luck)
    assert timedelta(0) <= delay <= longest(attempt) <= CEILING


def test_the_default_policy_gives_a_neighbour_about_a_minute_to_come_back() -> None:
    policy = RetryPolicy()
    waits = [retry_delay(n, base=policy.base, ceiling=policy.ceiling, random=lambda: 0.5) for n in range(1, policy.attempts)]
    assert timedelta(seconds=35) < sum(waits, timedelta(0)) < timedelta(seconds=90)


class Refused(Conflict):
    """A domain's own refusal."""


@pytest.mark.parametrize("error", [Unavailable(), Conflict("lost a race for a lock"), TimeoutError(), ConnectionResetError()])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error", [Refused(), RequestInProgress(), NotFound(), Invalid(), Forbidden(), ServiceError(), ValueError(), KeyError("x")]
)
def test_what_would_fail_again_is_not_tried_again(error: Exception) -> None:
    assert not is_transient(error)
