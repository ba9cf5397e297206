"""The instant at which tests take place."""

from datetime import UTC, datetime

from chassis.clock import FixedClock

# A Tuesday morning in Shanghai.
TODAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def fixed_clock() -> FixedClock:
    return FixedClock(TODAY)
