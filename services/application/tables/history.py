"""What was done with each case: written once, never changed."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.application.tables.schema import ID, INSTANT, metadata

# `changes` are the members of the case that the act changed, as they are afterwards: from all of them the case is rebuilt.
# `replaced` is the form as it was before an act that changed it.
history = Table(
    "history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("act", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("officer", Text),
    Column("note", Text),
    Column("began_at", INSTANT, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("replaced", LargeBinary, info={"sealed": True}),
    Index("ix_history_case_id_id", "case_id", "id"),
)
