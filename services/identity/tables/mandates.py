"""Who may act for whom."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.identity.tables.schema import id_, instant, metadata

# `agent_number` is the resident id or the phone by which the grantor named the agent, who may not exist.
mandates = Table(
    "mandates",
    metadata,
    Column("id", id_, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("principal_person", id_, ForeignKey("persons.id"), index=True),
    Column("principal_organisation", id_, ForeignKey("organisations.id"), index=True),
    Column("agent", id_, ForeignKey("persons.id"), index=True),
    Column("agent_name", LargeBinary, nullable=False, info={"sealed": True}),
    Column("agent_number", LargeBinary, info={"sealed": True}),
    Column("agent_key", LargeBinary, info={"lookup_of": "agent_number"}),
    Column("matters", ARRAY(Text), nullable=False),
    Column("begins_at", instant, nullable=False),
    Column("ends_at", instant),
    Column("granted_at", instant, nullable=False),
    Column("granted_by", id_, ForeignKey("persons.id"), nullable=False),
    Column("answer_by", instant),
    Column("accepted_at", instant),
    Column("revoked_at", instant),
    Column("revoked_by", id_),
    Column("reason", Text),
    CheckConstraint("(principal_person IS NULL) <> (principal_organisation IS NULL)", name="one_principal"),
    CheckConstraint("agent IS NOT NULL OR accepted_at IS NULL", name="accepted_by_somebody"),
    Index(
        "uq_mandates_representative",
        "principal_organisation",
        unique=True,
        postgresql_where=text("kind = 'representative' AND revoked_at IS NULL"),
    ),
)
