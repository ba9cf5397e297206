"""Persons: their number, name and phone, and officers."""

import re
from datetime import UTC, date, datetime
from typing import Final

from contracts.values.checks import resident_check
from contracts.values.value import Value

_PROVINCES: Final = frozenset(
    f"{n}"
    for block in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82, 83))
    for n in block
)


class ResidentId(Value):
    """公民身份号码. Only the first two digits of the division are known for life: abolished divisions stay valid.

    Source: GB 11643-1999.
    """

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{17}[0-9X]")
    TITLE = "resident identity number"

    @classmethod
    def canonical(cls, text: str) -> str:
        return text[:-1] + "X" if text.endswith("x") else text

    @classmethod
    def check(cls, text: str) -> None:
        if text[:2] not in _PROVINCES or resident_check(text[:17]) != text[17]:
            msg = "not a resident identity number"
            raise ValueError(msg)
        if date(int(text[6:10]), int(text[10:12]), int(text[12:14])) > _latest_today():
            msg = "born in the future"
            raise ValueError(msg)

    @property
    def birth_date(self) -> date:
        return date(int(self[6:10]), int(self[10:12]), int(self[12:14]))

    @property
    def sex(self) -> str:
        return "male" if int(self[16]) % 2 else "female"

    def masked(self) -> str:
        return f"{self[:3]}{'*' * 11}{self[14:]}"


def _latest_today() -> date:
    """The latest calendar day anywhere on Earth, so that no newborn is refused near midnight."""
    return date.fromtimestamp(datetime.now(UTC).timestamp() + 14 * 3600)  # noqa: DTZ012 (a bound, not an instant)


class Phone(Value):
    __slots__ = ()
    PATTERN = re.compile(r"1[3-9][0-9]{9}")
    TITLE = "mobile number"

    def masked(self) -> str:
        return f"{self[:3]}****{self[7:]}"


class PersonName(Value):
    __slots__ = ()
    PATTERN = re.compile(r"[^\W\d_](?:[ ·.'’-]?[^\W\d_]){0,49}")
    TITLE = "person's name"

    def masked(self) -> str:
        if len(self) <= 2:
            return f"{self[:-1]}*"
        return f"{self[0]}{'*' * (len(self) - 2)}{self[-1]}"


class OfficerId(Value):
    """The work number of an officer inside an agency."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Za-z-]{2,40}")
    TITLE = "officer number"
