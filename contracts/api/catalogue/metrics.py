"""Metrics of the catalogue, each with what was counted. Source: ADR-0044."""

from datetime import date
from enum import StrEnum

from contracts.problems import Titles
from contracts.strict import Answer
from contracts.values import DivisionCode


class MetricCode(StrEnum):
    ONLINE = "online"
    ZERO_VISIT = "zero-visit"
    ONE_VISIT = "one-visit"
    IMMEDIATE = "immediate"
    COMPREHENSIVE_WINDOWS = "comprehensive-windows"
    CITY_WIDE = "city-wide"
    WAIVABLE_MATERIALS = "waivable-materials"
    FEWER_MATERIALS = "fewer-materials"
    SHORTER_TIME = "shorter-time"
    ONLINE_FILING = "online-filing"
    ONLINE_QUERY = "online-query"
    PROGRESS_SHOWN = "progress-shown"
    ONLINE_RATING = "online-rating"
    ONLINE_FEEDBACK = "online-feedback"
    EASY = "easy"
    FAST = "fast"
    PACKAGES = "packages"


class Metric(Answer):
    """`value` is numerator over denominator, null where nothing can be counted; `unavailable` then says what is missing."""

    code: MetricCode
    name: Titles
    formula: Titles
    numerator: int | None
    denominator: int | None
    value: float | None
    unavailable: Titles | None = None


class NotCounted(Answer):
    """What lowers a metric: a matter by its basic code, or a window by its code. `why` says what it lacks."""

    code: str
    name: str
    numerator: int
    denominator: int
    why: Titles


class Explained(Answer):
    """One page of what is not, or not wholly, in the numerator; `next` is the cursor of the following page."""

    metric: MetricCode
    total: int
    items: list[NotCounted]
    next: str | None = None


class CatalogueMetrics(Answer):
    """What is in force on `day`: in the whole city, or by the agencies of one division where it is named."""

    day: date
    division: DivisionCode | None
    metrics: list[Metric]
    explained: Explained | None = None
