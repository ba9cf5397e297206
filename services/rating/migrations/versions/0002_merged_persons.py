"""Accounts that became part of another."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_persons",
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("into", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_merged_persons")),
    )
    op.create_index(op.f("ix_merged_persons_into"), "merged_persons", ["into"])
    op.create_index(op.f("ix_merged_persons_merged_at"), "merged_persons", ["merged_at"])
