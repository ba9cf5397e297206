"""Natural persons and how they were verified."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, LargeBinary, SmallInteger, Table, Text

from services.identity.tables.schema import id_, instant, metadata

persons = Table(
    "persons",
    metadata,
    Column("id", id_, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("resident_id", LargeBinary, nullable=False),
    Column("resident_key", LargeBinary, nullable=False, unique=True),
    Column("phone", LargeBinary, nullable=False),
    Column("phone_key", LargeBinary, nullable=False, index=True),
    Column("password", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", instant),
    Column("registered_at", instant, nullable=False),
)

verifications = Table(
    "verifications",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("at", instant, nullable=False),
)

sms_codes = Table(
    "sms_codes",
    metadata,
    Column("phone_key", LargeBinary, primary_key=True),
    Column("code", LargeBinary, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False),
)
