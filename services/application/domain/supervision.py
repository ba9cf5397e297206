"""Electronic supervision 电子监察."""

from enum import StrEnum


class RuleCode(StrEnum):
    R06 = "R06"
    R07 = "R07"
