"""Persons on their way to another platform and back, and as whom platforms know them."""

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, Table, Text

from services.identity.tables.schema import DIGEST, id_, instant, metadata

# `handle` is that of the request for a code that waits, sealed: only its digest stands elsewhere.
federation_journeys = Table(
    "federation_journeys",
    metadata,
    Column("state", LargeBinary, primary_key=True, info=DIGEST),
    Column("upstream", Text, nullable=False),
    Column("browser", LargeBinary, nullable=False, info=DIGEST),
    Column("handle", LargeBinary, nullable=False, info={"sealed": True}),
    Column("nonce", Text, nullable=False),
    Column("verifier", LargeBinary, nullable=False, info={"sealed": True}),
    Column("expires_at", instant, nullable=False, index=True),
)

federated_accounts = Table(
    "federated_accounts",
    metadata,
    Column("upstream", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("assurance", SmallInteger, nullable=False),
    Column("bound_at", instant, nullable=False),
    Column("seen_at", instant, nullable=False),
)
