from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.catalogue.tables.schema import metadata

drafts = Table(
    "drafts",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("basic_code", Text, nullable=False, index=True),
    Column("task_code", Text),
    Column("base_version", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("party", Uuid(as_uuid=False), nullable=False),
    Column("authors", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("reviewed_by", Text),
    Column("reason", Text),
    Column("published_version", Integer),
    CheckConstraint("kind IN ('matter', 'local') AND (kind = 'local') = (task_code IS NOT NULL)", "kind"),
    CheckConstraint("state IN ('draft', 'submitted', 'approved', 'rejected', 'published', 'withdrawn')", "state"),
    Index("ix_drafts_party_changed_at", "party", "changed_at"),
)

standings = Table(
    "standings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("basic_code", Text, ForeignKey("matters.basic_code"), nullable=False),
    Column("state", Text, nullable=False),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("party", Uuid(as_uuid=False), nullable=False),
    Column("officer", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('in_use', 'suspended', 'retired')", "state"),
    Index("ix_standings_basic_code_from_at", "basic_code", "from_at"),
)

# What was asked to be taken back before its day: a version, or a decision about the use of a matter.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("basic_code", Text, ForeignKey("matters.basic_code"), nullable=False, index=True),
    Column("version", Integer),
    Column("standing", BigInteger),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("party", Uuid(as_uuid=False), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("num_nonnulls(version, standing) = 1", name="about"),
    CheckConstraint("state IN ('waiting', 'approved', 'rejected')", name="state"),
)
