"""The feed of those who handle cases."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.application.tables.schema import INSTANT, TransactionId, metadata

# Readers keep a cursor, and ids are taken before commit: the writing transaction's own id tells which rows are settled.
dispatches = Table(
    "dispatches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("written_by", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    UniqueConstraint("number", "reason"),
    Index("ix_dispatches_division", "division", "written_by", "id"),
    Index("ix_dispatches_agency", "agency", "written_by", "id"),
)
