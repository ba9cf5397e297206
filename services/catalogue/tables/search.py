from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalogue.tables.schema import metadata

# `changed` is the transaction that wrote the row: readers take what the transactions after their last look have written.
search_documents = Table(
    "search_documents",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("said", JSONB, nullable=False),
    Column("is_removed", Boolean, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
    Index("ix_search_documents_changed", "changed"),
)
