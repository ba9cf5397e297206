"""Figures of cases, and the records that are exchanged with the national platform."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.strict import Answer, Instant, Line, Model, Paragraph
from contracts.values import BatchId, CaseNumber

ExchangeKind = Literal["accept", "process", "special", "result", "material"]
ExchangeState = Literal["sent", "accepted", "rejected"]


class CaseMetric(Answer):
    """A figure with what it was counted from; `value` is none where there was nothing to count."""

    code: str
    zh: str
    en: str
    numerator: int
    denominator: int
    value: float | None
    counted_zh: str
    counted_en: str


class CaseMetrics(Answer):
    since: Instant
    until: Instant
    metrics: list[CaseMetric]


class ExchangeBatch(Answer):
    """A batch of records, in the order in which things happened. `receipt_at` is when the platform said what became of them."""

    batch_id: BatchId
    made_at: Instant
    records: int
    accepted: int = 0
    rejected: int = 0
    receipt_at: Instant | None = None


class ExchangeRecord(Answer):
    """One row of the national exchange; `columns` are its members by the platform's own names. The platform's machine reads them, so
    they are not masked at the door; each reading is in the access ledgers of those they are about."""

    row_guid: str
    kind: ExchangeKind
    number: CaseNumber
    operation: Literal["I", "U"]
    columns: dict[str, Any]
    state: ExchangeState
    reason: str | None = None


class Rejected(Model):
    row_guid: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    reason: Paragraph


class ExchangeReceipt(Model):
    """回执: what the platform did not take, and why; it took all others. What is rejected comes again in the next batch, as it is then."""

    reference: Line
    rejected: Annotated[list[Rejected], Field(max_length=5000)] = []
