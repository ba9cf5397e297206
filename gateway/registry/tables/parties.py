from sqlalchemy import Column, Float, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.registry.tables.schema import instant, metadata

parties = Table(
    "parties",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("agency", Text),
    Column("division", Text),
    Column("jwks", JSONB, nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("officers", ARRAY(Text), nullable=False),
    Column("applied_by", Text),
    Column("approved_by", Text),
    Column("suspended_by", Text),
    Column("suspended_for", Text),
    Column("per_second", Float, nullable=False),
    Column("burst", Integer, nullable=False),
    Column("changed_at", instant, nullable=False),
)
