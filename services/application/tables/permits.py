"""What the agencies that supervise a field 行业主管部门 are told of permits, and their receipts."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from services.application.tables.schema import ID, INSTANT, metadata

# By the basic code of a matter, or `*` for all others.
permit_supervisors = Table(
    "permit_supervisors",
    metadata,
    Column("matter", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
)

permit_notices = Table(
    "permit_notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("supervisor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("task_code", Text, nullable=False),
    Column("matter_name", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("agency_name", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("received_at", INSTANT),
    Column("received_by", Text),
    UniqueConstraint("supervisor", "number", "revision"),
    Index("ix_permit_notices_supervisor_id", "supervisor", "id"),
    Index("ix_permit_notices_number", "number"),
)
