from sqlalchemy import Column, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry.tables.schema import instant, metadata

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("files", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("based_on", Integer),
    Column("note", Text, nullable=False),
    Column("proposed_by", Text),
    Column("proposed_at", instant, nullable=False),
    Column("approved_by", Text),
    Column("loaded_at", instant),
    Index("ix_policy_versions_in_force", "state", unique=True, postgresql_where="state = 'in-force'"),
)
