"""What went to the national platform, and what became of it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from services.application.tables.schema import ID, INSTANT, metadata

exchange_batches = Table(
    "exchange_batches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("receipt_at", INSTANT),
    Column("receipt_by", Text),
    Column("reference", Text),
)

# One row each time that a record is sent; `history_id` is what happened. A rejected one is `again` once a later batch holds it.
exchange_records = Table(
    "exchange_records",
    metadata,
    Column("batch_id", ID, ForeignKey("exchange_batches.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("guid", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("history_id", BigInteger, nullable=False),
    Column("operation", Text, nullable=False),
    Column("columns", LargeBinary, nullable=False, info={"sealed": True}),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Index("ix_exchange_records_history_id", "history_id"),
    Index("ix_exchange_records_rejected", "history_id", postgresql_where=text("state = 'rejected'")),
)
