from sqlalchemy import Boolean, Column, Table, Text

from gateway.registry.tables.schema import metadata

channels = Table(
    "channels",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
)
