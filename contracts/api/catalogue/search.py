"""What a search answers: matters, packages and guides, each with why it was found."""

from typing import Literal

from contracts.strict import Answer
from contracts.values import CreditCode, DivisionCode, TaskCode

SearchKind = Literal["matter", "package", "guide"]
FoundBy = Literal["name", "alias", "synonym", "sound", "pinyin", "initials"]


class Why(Answer):
    """`title` is the name or alias that answers, `by` what it has in common with what was asked; `said` what a synonym replaced."""

    by: FoundBy
    title: str
    said: str | None = None


class Match(Answer):
    """Something that is found. A matter names the implementation that is nearest to the division that was asked for."""

    kind: SearchKind
    code: str
    name: str
    task_code: TaskCode | None = None
    agency: CreditCode | None = None
    agency_name: str | None = None
    division: DivisionCode | None = None
    level: int | None = None
    is_immediate: bool
    visits: int
    promised_working_days: int | None = None
    illustrative: bool
    why: Why | None


class Facet(Answer):
    """How many of all that is found have this value."""

    value: str
    count: int


class Facets(Answer):
    kind: list[Facet]
    theme: list[Facet]
    channel: list[Facet]
    served: list[Facet]


class Matches(Answer):
    """One page; `total` counts all pages. `next` is the cursor of the following page, absent on the last one."""

    items: list[Match]
    total: int
    next: str | None = None
    facets: Facets | None = None


class Suggestion(Answer):
    """`text` is a name or alias that begins as what was typed, `name` what it is called officially."""

    text: str
    name: str
    kind: SearchKind
    code: str
