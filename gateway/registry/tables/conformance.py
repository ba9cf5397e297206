from sqlalchemy import Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.registry.tables.schema import instant, metadata

conformance_runs = Table(
    "conformance_runs",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("party", Uuid(as_uuid=False), nullable=False),
    Column("seed", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("report", JSONB),
    Column("failing", ARRAY(Text), nullable=False),
    Column("started_at", instant, nullable=False),
    Column("ended_at", instant),
    Index("ix_conformance_runs_party_started_at", "party", "started_at"),
)
