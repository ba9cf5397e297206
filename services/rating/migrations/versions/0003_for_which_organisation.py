"""A ticket says for which organisation its case was. Tickets of before are their persons' alone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("organisation_id", sa.Uuid(as_uuid=False), nullable=True))
    op.create_index(
        "ix_tickets_organisation_id_id", "tickets", ["organisation_id", "id"], postgresql_where=sa.text("organisation_id IS NOT NULL")
    )
