"""The feed of those who handle cases, and of those who supervise."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.application.tables.schema import INSTANT, TransactionId, metadata

# Readers keep a cursor, and ids are taken before commit: the writing transaction's own id tells which rows are settled.
# One row for each move of a case and agency; without a `division` it is for the agency alone, without an `agency` for the division
# alone: that of a district which takes in or hands out what another one decides.
dispatches = Table(
    "dispatches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("written_by", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("number", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("agency", Text),
    Column("division", Text),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("num_nonnulls(division, agency) > 0", name="for_somebody"),
    UniqueConstraint("number", "revision", "agency"),
    Index("ix_dispatches_division", "division", "written_by", "id"),
    Index("ix_dispatches_agency", "agency", "written_by", "id"),
)
