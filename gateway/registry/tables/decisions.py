from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from gateway.registry.tables.schema import instant, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("chain", Uuid(as_uuid=False), nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kept_as", Text, nullable=False),
    Column("request_id", Uuid(as_uuid=False), nullable=False),
    Column("at", instant, nullable=False),
    Column("party", Uuid(as_uuid=False)),
    Column("person", Uuid(as_uuid=False)),
    Column("case_number", Text),
    Column("body", Text, nullable=False),
    UniqueConstraint("chain", "block", "position"),
    Index("ix_decisions_request_id", "request_id"),
    *(
        Index(f"ix_decisions_{name}_id", name, "id", postgresql_where=text(f"{name} IS NOT NULL"))
        for name in ("party", "person", "case_number")
    ),
    Index("ix_decisions_at", "at", postgresql_using="brin"),
)
"""`body` is the record, exactly as it was hashed; the other columns repeat what it is found by."""

usage_counts = Table(
    "usage_counts",
    metadata,
    Column("party", Uuid(as_uuid=False), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("granted", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("personal", BigInteger, nullable=False),
)
"""How often a party asked for a resource on a day of the city; `personal` of the granted told somebody's data."""
