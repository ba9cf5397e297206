from sqlalchemy import Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry.tables.schema import instant, metadata

changes = Table(
    "changes",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", instant, nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_at", instant),
    Column("note", Text),
    Index("ix_changes_state_id", "state", "id"),
    Index("ix_changes_target_id", "target", "id"),
)
