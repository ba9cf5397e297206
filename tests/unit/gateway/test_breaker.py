"""When a service is asked, and when it is left alone."""

from gateway.proxy.breaker import Breaker


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        assert breaker.may_pass(at)
        breaker.failed(at)
    return breaker


def test_it_opens_after_five_failures_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(100.0)
    breaker.succeeded()
    for _ in range(4):
        breaker.failed(100.0)
    assert breaker.may_pass(100.0)
    breaker.failed(100.0)
    assert not breaker.may_pass(101.9)


def test_after_the_pause_one_probe_passes_and_no_second() -> None:
    breaker = opened()
    assert breaker.may_pass(102.0)
    assert not breaker.may_pass(102.0)
    assert not breaker.may_pass(200.0)


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()
    assert breaker.may_pass(102.0)
    breaker.succeeded()
    assert all(breaker.may_pass(102.0) for _ in range(10))


def test_a_probe_that_fails_opens_it_again() -> None:
    breaker = opened()
    assert breaker.may_pass(102.0)
    breaker.failed(103.0)
    assert not breaker.may_pass(104.9)
    assert breaker.may_pass(105.0)


def test_a_probe_that_was_given_up_lets_another_try() -> None:
    breaker = opened()
    assert breaker.may_pass(102.0)
    breaker.abandoned()
    assert breaker.may_pass(102.0)
    assert not breaker.may_pass(102.0)
