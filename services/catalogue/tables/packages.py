from sqlalchemy import Column, Date, DateTime, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.catalogue.tables.schema import metadata

# When a package is to be looked at again, because a version of it comes into force.
packages = Table(
    "packages",
    metadata,
    Column("code", Text, primary_key=True),
    Column("next_on", Date, index=True),
)

package_drafts = Table(
    "package_drafts",
    metadata,
    Column("code", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("drafted_by", ARRAY(Text), nullable=False),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
)

package_versions = Table(
    "package_versions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("drafted_by", ARRAY(Text), nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("effective_on", Date, nullable=False),
)
