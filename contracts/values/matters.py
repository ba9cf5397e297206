"""Codes of matters 事项 and of the cases 办件 that are about them. Source: GB/T 39554.1-2020."""

import functools
import re
from datetime import date
from typing import Self

from contracts.values.agencies import CreditCode
from contracts.values.value import Value


class BasicCode(Value):
    """基本编码: 2 region, 2 matter type, 2 department, 3 main item, 3 sub item. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{2}(?:0[1-9]|[12][0-9])[0-9]{8}")
    TITLE = "basic catalogue code"
    ZH = "基本编码"

    @classmethod
    def of(cls, region: str, matter_type: str, department: int, main: int, sub: int = 0) -> Self:
        """`region` is `00` for the nation's catalogue, else the first two digits of the division; no sub item: 0."""
        return cls(f"{region}{matter_type}{department:02d}{main:03d}{sub:03d}")

    @property
    def matter_type(self) -> str:
        """Two digits: a `MatterType`, or a local extension (11-19, 21-29) that it does not name."""
        return self[2:4]


class TaskCode(Value):
    """实施编码: credit code of the agency, exercise level, basic code. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{12}")
    TITLE = "implementation code"
    ZH = "实施编码"

    @classmethod
    def check(cls, text: str) -> None:
        CreditCode(text[:18])
        BasicCode(text[19:])

    @classmethod
    def of(cls, agency: CreditCode, level: int, basic: BasicCode) -> Self:
        return cls(f"{agency}{level}{basic}")

    @property
    def agency(self) -> CreditCode:
        return _agency(self[:18])

    @property
    def level(self) -> int:
        return int(self[18])

    @property
    def basic(self) -> BasicCode:
        return BasicCode(self[19:])


@functools.lru_cache(4096)
def _agency(code: str) -> CreditCode:
    """Its check characters were verified with the whole code; a city has few agencies and asks for them often."""
    return CreditCode(code)


class TaskItemCode(Value):
    """业务办理项编码: implementation code and two digits. Source: GB/T 39554.1-2020."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{14}")
    TITLE = "business item code"
    ZH = "业务办理项编码"

    @classmethod
    def check(cls, text: str) -> None:
        TaskCode(text[:31])

    @classmethod
    def of(cls, task_code: TaskCode, serial: int) -> Self:
        """`serial` is 1 to 99: situations, in the order in which the matter names them."""
        if serial < 1:
            msg = "business items are counted from 1"
            raise ValueError(msg)
        return cls(f"{task_code}{serial:02d}")

    @property
    def task_code(self) -> TaskCode:
        return TaskCode(self[:31])

    @property
    def serial(self) -> int:
        return int(self[31:])


class CaseNumber(Value):
    """办件编号: implementation code, day, serial of that matter and day; 45 characters of the national 50."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[1-7][0-9]{12}[0-9]{14}")
    TITLE = "case number"

    @classmethod
    def check(cls, text: str) -> None:
        TaskCode(text[:31])
        date(int(text[31:35]), int(text[35:37]), int(text[37:39]))

    @classmethod
    def of(cls, task_code: TaskCode, day: date, serial: int) -> Self:
        return cls(f"{task_code}{day:%Y%m%d}{serial:06d}")

    @property
    def task_code(self) -> TaskCode:
        return TaskCode(self[:31])
