from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Identity, Index, Integer, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import NAMING
from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables

metadata = MetaData(naming_convention=NAMING)

_instant = DateTime(timezone=True)

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
    Column("changed_at", _instant, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("permission", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("max_age_s", Integer),
    Column("grade", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("permission", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("loaded_at", _instant, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
)

nonces = Table(
    "nonces",
    metadata,
    Column("party", Uuid(as_uuid=False), primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("expires_at", _instant, nullable=False, index=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("request_id", Uuid(as_uuid=False), nullable=False),
    Column("at", _instant, nullable=False),
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
    Column("trace_id", Text),
    Column("upstream", Text, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Index("ix_decisions_party_id", "party", "id"),
    Index("ix_decisions_case_number_id", "case_number", "id"),
)

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)
