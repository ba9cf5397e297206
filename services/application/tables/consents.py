"""What applicants agreed to."""

from sqlalchemy import (
    Column,
    Index,
    Table,
    Text,
)

from services.application.tables.schema import ID, INSTANT, metadata

consents = Table(
    "consents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID, nullable=False),
    Column("certificate_id", ID, nullable=False),
    Column("case_number", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("given_at", INSTANT, nullable=False),
    Column("withdrawn_at", INSTANT),
    Index("ix_consents_person_id_given_at_id", "person_id", "given_at", "id"),
)
