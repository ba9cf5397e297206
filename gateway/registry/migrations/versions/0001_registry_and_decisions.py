"""Parties, resources, policies, channels, nonces and decisions.

The notification wakes every gateway process when what it decides by has changed.
"""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Identity, Integer, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.http import idempotency
from chassis.messaging import tables as messaging

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_instant = DateTime(timezone=True)
_WATCHED = ("parties", "resources", "policies", "channels")


def upgrade() -> None:
    op.create_table(
        "parties",
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
    op.create_table(
        "resources",
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
    op.create_table(
        "policies",
        Column("kind", Text, primary_key=True),
        Column("permission", Text, primary_key=True),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
    )
    op.create_table(
        "policy_versions",
        Column("version", Integer, primary_key=True),
        Column("digest", Text, nullable=False),
        Column("loaded_at", _instant, nullable=False),
    )
    op.create_table(
        "channels",
        Column("kind", Text, primary_key=True),
        Column("code", Text, nullable=False),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
        Column("is_open", Boolean, nullable=False),
    )
    op.create_table(
        "nonces",
        Column("party", Uuid(as_uuid=False), primary_key=True),
        Column("nonce", Text, primary_key=True),
        Column("expires_at", _instant, nullable=False),
    )
    op.create_index("ix_nonces_expires_at", "nonces", ["expires_at"])
    op.create_table(
        "decisions",
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
    )
    op.create_index("ix_decisions_party_id", "decisions", ["party", "id"])
    op.create_index("ix_decisions_case_number_id", "decisions", ["case_number", "id"])
    op.execute(
        "CREATE FUNCTION registry_notify() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('registry', TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in _WATCHED:
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION registry_notify()"
        )
    idempotency.create(op)
    messaging.create(op)
