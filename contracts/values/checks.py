"""Check characters of the national codes."""

from functools import lru_cache
from typing import Final

_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE31: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_check(first17: str) -> str:
    """Check character of a resident identity number. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(first17)) % 11]


@lru_cache(4096)
def organisation_check(first8: str) -> str:
    """Check character of an organisation code. Source: GB 11714-1997."""
    remainder = 11 - sum(_BASE36.index(c) * w for c, w in zip(first8, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


@lru_cache(4096)
def credit_check(first17: str) -> str:
    """Check character of a unified social credit code. Source: GB 32100-2015."""
    return _BASE31[(31 - sum(_BASE31.index(c) * pow(3, i, 31) for i, c in enumerate(first17)) % 31) % 31]


def permit_check(first14: str) -> str:
    """Check digit of a foreigner's permanent residence card of 2017: weights 7 3 1, letters from A = 10. Source: as ICAO 9303."""
    return str(sum(_BASE36.index(c) * (7, 3, 1)[i % 3] for i, c in enumerate(first14)) % 10)


def mod37_36(text: str) -> str:
    """Check character of an alphanumeric string. Source: ISO 7064 MOD 37,36 (GB/T 17710)."""
    product = 36
    for character in text:
        product = ((product + _BASE36.index(character)) % 36 or 36) * 2 % 37
    return _BASE36[(37 - product) % 36]
