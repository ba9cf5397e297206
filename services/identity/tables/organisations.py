"""Legal persons and the officers of agencies."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, LargeBinary, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from services.identity.tables.schema import DIGEST, id_, instant, metadata

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

# Every check at the registry, with the representative that it found: the newest is the state of now.
organisation_checks = Table(
    "organisation_checks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("organisation_id", id_, ForeignKey("organisations.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("representative", id_, ForeignKey("persons.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("at", instant, nullable=False),
)

licence_challenges = Table(
    "licence_challenges",
    metadata,
    Column("challenge", LargeBinary, primary_key=True, info=DIGEST),
    Column("organisation_id", id_, ForeignKey("organisations.id"), nullable=False),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
)

staff = Table(
    "staff",
    metadata,
    Column("id", id_, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", LargeBinary, nullable=False, info={"sealed": True}),
    Column("department", Text, nullable=False),
    Column("window", Text),
    Column("duties", ARRAY(Text), nullable=False),
    Column("password", Text),
    # The digest of the code with which the officer chooses a password, until when it may be used.
    Column("activation", LargeBinary, info=DIGEST),
    Column("activation_expires_at", instant),
    Column("status", Text, nullable=False),
    Column("created_at", instant, nullable=False),
    UniqueConstraint("agency", "number"),
)
