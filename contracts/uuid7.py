"""UUID version 7 from the standard library alone, so that contracts need pydantic and nothing else."""

import random
import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new time-ordered identifier: 48 bits of milliseconds, then random bits. Source: RFC 9562 section 5.7."""
    stamp = time.time_ns() // 1_000_000
    return UUID(int=_value(stamp, secrets.randbits(74)))


def quick() -> str:
    """One for what is merely told apart by it, such as a request: the text at once, from bits that could be guessed."""
    digits = _value(time.time_ns() // 1_000_000, random.getrandbits(74)).to_bytes(16, "big").hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _value(stamp: int, bits: int) -> int:
    return stamp << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
