from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.catalogue.tables.schema import metadata

divisions = Table(
    "divisions", metadata, Column("code", Text, primary_key=True), Column("zh", Text, nullable=False), Column("en", Text, nullable=False)
)

agencies = Table(
    "agencies",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("area", Text),
)

fields = Table(
    "fields",
    metadata,
    Column("name", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("help_zh", Text),
    Column("help_en", Text),
    Column("group", Text, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("source", JSONB(none_as_null=True)),
    Column("ask_anyway", Text),
)

# `version` is the one in force (0: none yet) and `newest` the last one published; `next_at` is when one of them or `state` is to
# be looked at again.
matters = Table(
    "matters",
    metadata,
    Column("basic_code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("newest", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="in_use"),
    Column("next_at", DateTime(timezone=True), index=True),
    Column("digest", LargeBinary, nullable=False, info={"plain": "digest of a published matter"}),
    Column("name", Text, nullable=False),
    Column("themes", ARRAY(Text), nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("basic_code", Text, ForeignKey("matters.basic_code"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("form_fields", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)

implementations = Table(
    "implementations",
    metadata,
    Column("task_code", Text, primary_key=True),
    Column("basic_code", Text, ForeignKey("matters.basic_code"), nullable=False, index=True),
    Column("agency", Text, ForeignKey("agencies.code"), nullable=False),
    Column("division", Text, nullable=False, index=True),
    Column("level", SmallInteger, nullable=False),
)
