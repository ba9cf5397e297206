"""When to try again, and when not to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.errors import Conflict, ServiceError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts in all, the first included. The defaults give a neighbour about a minute to come back."""

    attempts: int = 12
    base: timedelta = timedelta(milliseconds=100)
    ceiling: timedelta = timedelta(seconds=20)


def retry_delay(attempt: int, *, base: timedelta, ceiling: timedelta, random: Callable[[], float]) -> timedelta:
    """Wait before retry number `attempt`, counted from 1: full jitter, never above `ceiling`.

    Source: AWS Builders' Library, "Timeouts, retries and backoff with jitter".
    """
    # 2**40 times any base is beyond every ceiling; a larger exponent would overflow the timedelta.
    return min(ceiling, base * (1 << min(attempt - 1, 40))) * random()


def is_transient(error: BaseException) -> bool:
    """True when the same delivery may succeed later: somebody was away, late, or won a race for a lock."""
    if isinstance(error, ServiceError):
        # The database raises Conflict itself for a lost race; a domain's refusal is a subclass of it.
        return error.is_retryable or type(error) is Conflict
    return isinstance(error, TimeoutError | ConnectionError)
