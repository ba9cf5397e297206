from sqlalchemy import Column, Table, Text, Uuid

from gateway.registry.tables.schema import instant, metadata

nonces = Table(
    "nonces",
    metadata,
    Column("party", Uuid(as_uuid=False), primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("expires_at", instant, nullable=False, index=True),
)
