"""Who looked at whose data."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.identity.tables.schema import id_, instant, metadata

# Append-only: a trigger refuses to change what was seen, and to delete anything but by the purge.
accesses = Table(
    "accesses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", id_),
    Column("organisation_id", id_),
    Column("at", instant, nullable=False),
    Column("owner", Text, nullable=False),
    Column("service", Text),
    Column("party", id_),
    Column("officer", Text),
    Column("by_person", id_),
    Column("mandate", id_),
    Column("grade", SmallInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_number", Text),
    Column("items", ARRAY(Text), nullable=False),
    CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name="one_subject"),
    Index("ix_accesses_person_id_id", "person_id", "id"),
    Index("ix_accesses_organisation_id_id", "organisation_id", "id"),
    # Rows come in the order of their time, so the purge needs no more than the ranges.
    Index("ix_accesses_at", "at", postgresql_using="brin"),
)
