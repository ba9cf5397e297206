from sqlalchemy import Column, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.registry.tables.schema import instant, metadata

# What stands behind `state` is the operators': the services' documents do not overwrite it. `classified_by` says that
# grade and sharing are theirs too.
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
    Column("owner", Text, nullable=False, server_default=""),
    Column("sharing", Text, nullable=False, server_default="conditional"),
    Column("version", Text, nullable=False, server_default="1"),
    Column("deprecated_at", instant),
    Column("sunset_at", instant),
    Column("successor", Text),
    Column("reason", Text),
    Column("changed_by", Text),
    Column("classified_by", Text),
)

certificate_types = Table(
    "certificate_types",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("issuer_function", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("sharing", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("registered_at", instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("deprecated_at", instant),
    Column("sunset_at", instant),
    Column("successor", Text),
    Column("reason", Text),
    Column("changed_by", Text),
)
