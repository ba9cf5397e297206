"""Levels and types that the standards number."""

from enum import IntEnum, StrEnum


class Assurance(IntEnum):
    """How sure the city is of a person. Source: facts of 统一身份认证, levels L1-L4."""

    PHONE = 1
    REAL_NAME = 2
    REAL_PERSON = 3
    CERTIFIED = 4


class Grade(IntEnum):
    """How sensitive data is. Source: 数据安全法 Art. 21 and the city's grading in four steps."""

    PUBLIC = 1
    INTERNAL = 2
    PERSONAL = 3
    SENSITIVE = 4


class MatterType(StrEnum):
    """事项类型. Source: GB/T 39046-2020 A.1."""

    LICENCE = "01"
    PENALTY = "02"
    COMPULSION = "03"
    LEVY = "04"
    BENEFIT = "05"
    INSPECTION = "06"
    CONFIRMATION = "07"
    REWARD = "08"
    ADJUDICATION = "09"
    OTHER = "10"
    PUBLIC_SERVICE = "20"
