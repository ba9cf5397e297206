"""Electronic supervision 电子监察: a card 红黄牌 says that a rule was broken, or is about to be. Source: standards.md 4.6; ADR-0046."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from chassis.errors import Conflict, NotFound
from contracts.problems import application as problems

Colour = Literal["blue", "yellow", "red"]


class NoSuchCard(NotFound):
    """Missing, and outside the scope of who asks."""

    problem = problems.CARD_NOT_FOUND


class CardIsAnswered(Conflict):
    problem = problems.CARD_ANSWERED


class RuleCode(StrEnum):
    """What each means is a line of the rule table (`seed/supervision_rules.json`)."""

    R01 = "R01"
    R02 = "R02"
    R03 = "R03"
    R04 = "R04"
    R05 = "R05"
    R06 = "R06"
    R07 = "R07"
    R08 = "R08"
    R09 = "R09"
    R10 = "R10"


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the rule table: on what `object` under which `condition` a card of which colour is raised, and who sees it."""

    code: RuleCode
    colour: Colour
    to_supervisor: bool
    object: Text
    condition: Text
