"""A call on behalf of a request ends when the request's caller goes."""

from collections.abc import Iterator

import pytest

from chassis.http import patience


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What one test says of its caller is not there for the calls of the next."""
    yield
    patience.begin(None)


@pytest.mark.parametrize("said", [None, "", "x", "-1", "1.5", "٣", "99999999999"])
def test_who_says_nothing_readable_waits_as_long_as_anybody(said: str | None) -> None:
    patience.begin(said)
    assert patience.left_s(3.0) == 3.0


def test_what_is_left_bounds_a_call() -> None:
    patience.begin("500")
    assert 0.3 < patience.left_s(3.0) <= 0.5
    assert patience.left_s(0.1) == 0.1
    patience.begin("0")
    assert patience.left_s(3.0) == 0.0
