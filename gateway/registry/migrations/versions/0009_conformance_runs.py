"""Runs of the conformance kit and what they showed."""

from alembic import op
from sqlalchemy import Column, DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conformance_runs",
        Column("id", Uuid(as_uuid=False), primary_key=True),
        Column("party", Uuid(as_uuid=False), nullable=False),
        Column("seed", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("report", JSONB),
        Column("failing", ARRAY(Text), nullable=False),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("ended_at", DateTime(timezone=True)),
    )
    op.create_index("ix_conformance_runs_party_started_at", "conformance_runs", ["party", "started_at"])
