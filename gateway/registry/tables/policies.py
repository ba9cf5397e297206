from sqlalchemy import Column, Integer, Table, Text

from gateway.registry.tables.schema import instant, metadata

policies = Table(
    "policies",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("permission", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("loaded_at", instant, nullable=False),
)
