"""City codes 随申码: the handle of each subject, codes on paper, what has been used, and who verifies."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text

from services.identity.tables.schema import id_, instant, metadata

city_codes = Table(
    "city_codes",
    metadata,
    Column("handle", Text, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), unique=True),
    Column("organisation_id", id_, ForeignKey("organisations.id"), unique=True),
    Column("given_at", instant, nullable=False),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_subject"),
)

paper_codes = Table(
    "paper_codes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("issued_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    Column("issued_by", Text),
    Column("revoked_at", instant),
    Column("revoked_by", Text),
)

# `key` is the id of a code that serves once, and the id with the party's where it may serve again: of many at
# once it decides who was first.
city_code_uses = Table(
    "city_code_uses",
    metadata,
    Column("key", Text, nullable=False),
    Column("party_id", id_, nullable=False),
    Column("reference", id_, nullable=False),
    Column("is_repeatable", Boolean, nullable=False),
    Column("times", Integer, nullable=False),
    Column("used_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    PrimaryKeyConstraint("key"),
)

scene_verifiers = Table(
    "scene_verifiers",
    metadata,
    Column("scene", Text, nullable=False),
    Column("party_id", id_, nullable=False),
    Column("admitted_by", Text, nullable=False),
    Column("admitted_at", instant, nullable=False),
    PrimaryKeyConstraint("scene", "party_id"),
)
