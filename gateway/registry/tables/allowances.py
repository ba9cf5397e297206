from sqlalchemy import Column, Integer, SmallInteger, Table, Text, Uuid

from gateway.registry.tables.schema import instant, metadata

allowances = Table(
    "allowances",
    metadata,
    Column("party", Uuid(as_uuid=False), primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("policy", Text, primary_key=True),
    Column("starts_at", instant, primary_key=True),
    Column("ends_at", instant, nullable=False, index=True),
    Column("pool", Integer, nullable=False),
    Column("leased", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
)
"""`pool` is what of a window's quota may be leased, `leased` what was, `granted` the newest block of it."""

allowance_slots = Table(
    "allowance_slots",
    metadata,
    Column("slot", SmallInteger, primary_key=True),
    Column("holder", Text, nullable=False, unique=True),
    Column("since", instant, nullable=False),
    Column("until", instant, nullable=False),
)
"""Gateway processes that have a share of every quota, of windows that begin from `since` on and before `until`."""
