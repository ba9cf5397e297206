from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalogue.tables.schema import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("party", Uuid(as_uuid=False), nullable=False),
    Column("digest", LargeBinary, nullable=False, info={"plain": "digest of a document of matters"}),
    Column("content", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("base", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("note", Text),
    Column("effective_on", Date),
    CheckConstraint("state IN ('waiting', 'published', 'rejected', 'superseded')", name="state"),
    # The same document of the same party waits once: whoever sends it again gets the one that waits.
    Index("uq_imports_waiting", "party", "digest", unique=True, postgresql_where=text("state = 'waiting'")),
    Index("ix_imports_party_id", "party", "id"),
)
