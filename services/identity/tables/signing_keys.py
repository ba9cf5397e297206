"""The keys that sign tokens."""

from sqlalchemy import Column, LargeBinary, Table, Text

from services.identity.tables.schema import instant, metadata

# `private_key` is PEM, sealed. A key is published from the start, signs from `signs_from` on, and is believed until `retires_at`.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("alg", Text, nullable=False),
    Column("private_key", LargeBinary, nullable=False, info={"sealed": True}),
    Column("created_at", instant, nullable=False),
    Column("signs_from", instant, nullable=False),
    Column("retires_at", instant),
    Column("rotated_by", Text),
)
