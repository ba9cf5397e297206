from sqlalchemy import BigInteger, Column, Float, Identity, Index, Integer, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry.tables.schema import instant, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("request_id", Uuid(as_uuid=False), nullable=False),
    Column("at", instant, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("party", Uuid(as_uuid=False)),
    Column("party_kind", Text, nullable=False),
    Column("person", Uuid(as_uuid=False)),
    Column("organisation", Uuid(as_uuid=False)),
    Column("actor", Uuid(as_uuid=False)),
    Column("mandate", Uuid(as_uuid=False)),
    Column("officer", Text),
    Column("case_number", Text),
    Column("refused_by", Text),
    Column("rule", Text),
    Column("code", Text),
    Column("rooms", JSONB, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("access", JSONB),
    Column("facts", JSONB),
    Column("trace_id", Text),
    Column("upstream", Text, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Index("ix_decisions_party_id", "party", "id"),
    Index("ix_decisions_case_number_id", "case_number", "id"),
)
