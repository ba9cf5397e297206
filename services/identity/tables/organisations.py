"""Legal persons and the officers of agencies."""

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from services.identity.tables.schema import id_, instant, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", id_, primary_key=True),
    Column("credit_code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("representative", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("assurance", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("registered_at", instant, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", id_, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("department", Text, nullable=False),
    Column("window", Text),
    Column("duties", ARRAY(Text), nullable=False),
    Column("password", Text),
    # The digest of the code with which the officer chooses a password, until when it may be used.
    Column("activation", LargeBinary),
    Column("activation_expires_at", instant),
    Column("status", Text, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", instant),
    Column("created_at", instant, nullable=False),
    UniqueConstraint("agency", "number"),
)
