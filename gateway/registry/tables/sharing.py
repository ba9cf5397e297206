from sqlalchemy import Boolean, Column, Date, Index, Integer, SmallInteger, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.registry.tables.schema import instant, metadata

_id = Uuid(as_uuid=False)
_in_use = text("state IN ('active', 'deprecated')")

# One row for each version. A code has at most one version in use and one that awaits its review.
data_items = Table(
    "data_items",
    metadata,
    Column("code", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("sharing", Text, nullable=False),
    Column("modes", ARRAY(Text), nullable=False),
    Column("max_age_s", Integer, nullable=False),
    Column("refuses_stale", Boolean, nullable=False),
    Column("quota_per_day", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("result_name", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("update_cycle", Text, nullable=False),
    Column("quality_owner", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("source", Text),
    Column("state", Text, nullable=False),
    Column("published_by", Text),
    Column("published_at", instant, nullable=False),
    Column("reviewed_by", Text),
    Column("deprecated_at", instant),
    Column("sunset_at", instant),
    Column("successor", Text),
    Column("reason", Text),
    Index("uq_data_items_in_use", "code", unique=True, postgresql_where=_in_use),
    Index("uq_data_items_proposed", "code", unique=True, postgresql_where=text("state = 'proposed'")),
)

demands = Table(
    "demands",
    metadata,
    Column("id", _id, primary_key=True),
    Column("demander", _id, nullable=False),
    Column("demander_name", Text, nullable=False),
    Column("agency", Text),
    Column("matter", Text, nullable=False),
    Column("item", Text, nullable=False, index=True),
    Column("item_name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("source", Text),
    Column("filed_by", Text, nullable=False),
    Column("filed_at", instant, nullable=False),
    Column("withdrawn_at", instant),
)

duties = Table(
    "duties",
    metadata,
    Column("item", Text, primary_key=True),
    Column("supplier", Text, nullable=False),
    Column("supplier_name", Text, nullable=False),
    Column("update_cycle", Text, nullable=False),
    Column("quality_owner", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("due_on", Date),
    Column("provenance", Text, nullable=False),
    Column("source", Text),
    Column("since", instant, nullable=False),
    Column("assigned_by", Text),
)

negative_list = Table(
    "negative_list",
    metadata,
    Column("item", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("review_on", Date, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("source", Text),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", instant, nullable=False),
)

scenes = Table(
    "scenes",
    metadata,
    Column("id", _id, primary_key=True),
    Column("demander", _id, nullable=False, index=True),
    Column("demander_name", Text, nullable=False),
    Column("agency", Text),
    Column("name", Text, nullable=False),
    Column("matters", ARRAY(Text), nullable=False),
    Column("items", JSONB, nullable=False),
    Column("certificate_types", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("source", Text),
    Column("daily_cap", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("applied_at", instant, nullable=False),
    Column("reply_due_on", Date, nullable=False),
    Column("is_reply_due_provisional", Boolean, nullable=False),
    Column("asked", ARRAY(Text), nullable=False),
    Column("approvals", JSONB, nullable=False),
    Column("revoked_by", Text),
    Column("revoked_at", instant),
    Column("revoked_for", Text),
)

# `what` is scene:<id> or item:<code>; `day` is the city's.
daily_calls = Table(
    "daily_calls",
    metadata,
    Column("what", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("calls", Integer, nullable=False),
)
