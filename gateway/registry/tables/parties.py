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
    Column("status_before", Text),
    Column("agency", Text),
    Column("division", Text),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("officers", ARRAY(Text), nullable=False),
    Column("duties", JSONB, nullable=False),
    Column("application", JSONB, nullable=False),
    Column("applied_by", Text),
    Column("approved_by", Text),
    Column("production_by", Text),
    Column("production_at", instant),
    Column("suspended_by", Text),
    Column("suspended_for", Text),
    Column("withdrawn_by", Text),
    Column("withdrawn_for", Text),
    Column("per_second", Float, nullable=False),
    Column("burst", Integer, nullable=False),
    Column("per_day", Integer),
    Column("purposes", JSONB, nullable=False),
    Column("networks", ARRAY(Text), nullable=False),
    Column("expires_at", instant, index=True),
    Column("changed_at", instant, nullable=False),
)
