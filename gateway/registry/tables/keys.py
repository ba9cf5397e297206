from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry.tables.schema import instant, metadata

party_keys = Table(
    "party_keys",
    metadata,
    Column("party", Uuid(as_uuid=False), ForeignKey("parties.id"), primary_key=True),
    Column("kid", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("use", Text, nullable=False),
    Column("thumbprint", Text, nullable=False),
    Column("jwk", JSONB(none_as_null=True)),
    Column("not_before", instant, nullable=False),
    Column("not_after", instant),
    Column("added_by", Text),
    Column("added_at", instant, nullable=False),
    Column("revoked_by", Text),
    Column("revoked_at", instant),
    UniqueConstraint("party", "thumbprint"),
)
