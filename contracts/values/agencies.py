"""Agencies and where they are."""

import functools
import re

from contracts.rules import rule
from contracts.values.checks import credit_check, organisation_check
from contracts.values.value import Value

_CHECK = rule("credit-code-check", "wrong check character in the unified social credit code", "统一社会信用代码的校验码有误")


@functools.lru_cache(4096)
def _is_sound(text: str) -> bool:
    """Kept, because a catalogue names the same agencies a hundred thousand times."""
    return credit_check(text[:17]) == text[17] and organisation_check(text[8:16]) == text[16]


class CreditCode(Value):
    """统一社会信用代码. Source: GB 32100-2015."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9ABCDEFGHJKLMNPQRTUWXY]{18}")
    TITLE = "unified social credit code"
    ZH = "统一社会信用代码"

    @classmethod
    def check(cls, text: str) -> None:
        if not _is_sound(text):
            raise ValueError(_CHECK.broken())

    @property
    def division(self) -> "DivisionCode":
        return DivisionCode(self[2:8])


class DivisionCode(Value):
    """行政区划代码, six digits. Source: GB/T 2260."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{6}")
    TITLE = "division code"
    ZH = "行政区划代码"
