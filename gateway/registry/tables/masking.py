from sqlalchemy import Boolean, Column, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.registry.tables.schema import metadata

masking_rules = Table(
    "masking_rules",
    metadata,
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("duties", ARRAY(Text), nullable=False),
    Column("is_own", Boolean),
    Column("has_officer", Boolean),
    Column("grade", SmallInteger, nullable=False),
    Column("clear", ARRAY(Text), nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
)
