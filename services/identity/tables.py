from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import NAMING
from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables

metadata = MetaData(naming_convention=NAMING)

_instant = DateTime(timezone=True)
_id = Uuid(as_uuid=False)

persons = Table(
    "persons",
    metadata,
    Column("id", _id, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("resident_id", LargeBinary, nullable=False),
    Column("resident_key", LargeBinary, nullable=False, unique=True),
    Column("phone", LargeBinary, nullable=False),
    Column("phone_key", LargeBinary, nullable=False, index=True),
    Column("password", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", _instant),
    Column("registered_at", _instant, nullable=False),
)

verifications = Table(
    "verifications",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", _id, ForeignKey("persons.id"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("at", _instant, nullable=False),
)

sms_codes = Table(
    "sms_codes",
    metadata,
    Column("phone_key", LargeBinary, primary_key=True),
    Column("code", LargeBinary, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("id", _id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("jwks", JSONB, nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("changed_at", _instant, nullable=False),
)

assertions = Table(
    "assertions",
    metadata,
    Column("client_id", _id, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", _instant, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", _id, primary_key=True),
    Column("person_id", _id, ForeignKey("persons.id"), nullable=False, index=True),
    Column("cookie", LargeBinary, nullable=False, unique=True),
    Column("signed_on_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("revoked_at", _instant),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code", LargeBinary, primary_key=True),
    Column("client_id", _id, nullable=False),
    Column("session_id", _id, ForeignKey("sessions.id"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("nonce", Text),
    Column("scope", Text, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("used_at", _instant),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("client_id", _id, nullable=False),
    Column("session_id", _id, ForeignKey("sessions.id"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("expires_at", _instant, nullable=False),
)

accesses = Table(
    "accesses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", _id, nullable=False),
    Column("at", _instant, nullable=False),
    Column("owner", Text, nullable=False),
    Column("service", Text),
    Column("party", _id),
    Column("officer", Text),
    Column("by_person", _id),
    Column("grade", SmallInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_number", Text),
    Column("items", ARRAY(Text), nullable=False),
    Index("ix_accesses_person_id_id", "person_id", "id"),
)

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)
