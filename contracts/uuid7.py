"""UUID version 7 from the standard library alone, so that contracts need pydantic and nothing else."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new time-ordered identifier: 48 bits of milliseconds, then random bits. Source: RFC 9562 section 5.7."""
    stamp = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = stamp << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)
