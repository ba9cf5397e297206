from sqlalchemy import Column, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.registry.tables.schema import metadata

resources = Table(
    "resources",
    metadata,
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("permission", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("max_age_s", Integer),
    Column("grade", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("personal", ARRAY(Text), nullable=False, server_default=text("'{}'")),
)
