"""Who looked at whose data."""

from sqlalchemy import BigInteger, Column, Identity, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.identity.tables.schema import id_, instant, metadata

accesses = Table(
    "accesses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", id_, nullable=False),
    Column("at", instant, nullable=False),
    Column("owner", Text, nullable=False),
    Column("service", Text),
    Column("party", id_),
    Column("officer", Text),
    Column("by_person", id_),
    Column("grade", SmallInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_number", Text),
    Column("items", ARRAY(Text), nullable=False),
    Index("ix_accesses_person_id_id", "person_id", "id"),
)
