"""Registered parties as OAuth clients."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.identity.tables.schema import DIGEST, id_, instant, metadata

clients = Table(
    "clients",
    metadata,
    Column("id", id_, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("jwks", JSONB, nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("agency", Text),
    Column("changed_at", instant, nullable=False),
)

# How a client speaks the protocol; a party without a row is a `standard` client.
client_settings = Table(
    "client_settings",
    metadata,
    Column("client_id", id_, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("auth_method", Text, nullable=False),
    Column("id_token_alg", Text, nullable=False),
    Column("grant_types", ARRAY(Text), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("post_logout_redirect_uris", ARRAY(Text), nullable=False),
    Column("backchannel_logout_uri", Text),
    Column("asks_consent", Boolean, nullable=False),
    Column("jwks", JSONB, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", instant, nullable=False),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("secret", LargeBinary, primary_key=True, info=DIGEST),
    Column("client_id", id_, nullable=False, index=True),
    Column("created_at", instant, nullable=False),
    Column("expires_at", instant),
)

assertions = Table(
    "assertions",
    metadata,
    Column("client_id", id_, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", instant, nullable=False, index=True),
)

# A proof of possession passes once. `thumbprint` is that of the proven key.
proofs = Table(
    "proofs",
    metadata,
    Column("thumbprint", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", instant, nullable=False, index=True),
)

client_consents = Table(
    "client_consents",
    metadata,
    Column("id", id_, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False),
    Column("client_id", id_, nullable=False),
    Column("scope", Text, nullable=False),
    Column("given_at", instant, nullable=False),
    Column("withdrawn_at", instant),
    Index("ix_client_consents_person_id_client_id", "person_id", "client_id"),
)
