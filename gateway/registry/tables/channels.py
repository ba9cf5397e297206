from sqlalchemy import Boolean, Column, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.registry.tables.schema import instant, metadata

channels = Table(
    "channels",
    metadata,
    Column("code", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("closed_for_zh", Text),
    Column("closed_for_en", Text),
    Column("usual_for", ARRAY(Text), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("audiences", ARRAY(Text), nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("origins", ARRAY(Text), nullable=False),
    Column("hours", JSONB),
    Column("changed_by", Text),
    Column("changed_at", instant, nullable=False),
)
