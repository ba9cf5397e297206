"""Automatic approval: which mode each table is in, and what it said."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)

from services.application.tables.schema import ID, INSTANT, metadata

# The newest row counts. A unit is a division or an agency, as handlers are. Without a basic code it is about all tables of the unit,
# without a unit about all in the city.
approval_switches = Table(
    "approval_switches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit", Text),
    Column("basic_code", Text),
    Column("mode", Text, nullable=False),
    Column("sample_percent", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("unit IS NOT NULL OR basic_code IS NULL", name="city_wide_is_all"),
    Index("ix_approval_switches_unit_basic_code_id", "unit", "basic_code", "id"),
)

automatic_decisions = Table(
    "automatic_decisions",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("agency", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("basic_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mode", Text, nullable=False),
    Column("table_code", Text, nullable=False),
    Column("row_id", Text),
    Column("is_grant", Boolean, nullable=False),
    Column("said", LargeBinary, nullable=False, info={"sealed": True}),
    Column("at", INSTANT, nullable=False),
    Column("recheck_for", Text),
    Column("rechecked_by", Text),
    Column("rechecked_at", INSTANT),
    Column("agrees", Boolean),
    Column("recheck_reason", Text),
    CheckConstraint("(rechecked_by IS NULL) = (agrees IS NULL)", name="whoever_rechecks_says_so"),
    Index("ix_automatic_decisions_agency_at", "agency", "at"),
    Index(
        "ix_automatic_decisions_open_rechecks", "agency", "at", postgresql_where=text("recheck_for IS NOT NULL AND rechecked_by IS NULL")
    ),
)
