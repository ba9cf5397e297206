from sqlalchemy import BigInteger, Column, DateTime, Float, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalogue.tables.schema import metadata

service_points = Table(
    "service_points",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False, index=True),
    Column("division", Text, nullable=False, index=True),
    Column("longitude", Float, nullable=False),
    Column("latitude", Float, nullable=False),
    Column("content", JSONB, nullable=False),
    Index("ix_service_points_position", "latitude", "longitude"),
)

service_point_changes = Table(
    "service_point_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, index=True),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("party", Text, nullable=False),
    Column("officer", Text),
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
)
