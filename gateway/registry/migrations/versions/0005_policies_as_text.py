"""Policies are text in versions, proposed by one officer and approved by another; a decision keeps what it was made by.

The rows of granted permissions go: the text of the version in force is loaded at the next start, and by rows nobody asks.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("policies")
    for column in (
        sa.Column("files", JSONB(), nullable=False, server_default="{}"),
        sa.Column("state", sa.Text(), nullable=False, server_default="replaced"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("based_on", sa.Integer()),
        sa.Column("proposed_by", sa.Text()),
        sa.Column("proposed_at", _instant),
        sa.Column("approved_by", sa.Text()),
    ):
        op.add_column("policy_versions", column)
    for name in ("files", "state", "note"):
        op.alter_column("policy_versions", name, server_default=None)
    op.execute("UPDATE policy_versions SET proposed_at = loaded_at")
    op.alter_column("policy_versions", "proposed_at", nullable=False)
    op.alter_column("policy_versions", "loaded_at", nullable=True)
    op.create_index("ix_policy_versions_in_force", "policy_versions", ["state"], unique=True, postgresql_where="state = 'in-force'")
    op.execute(
        "CREATE TRIGGER policy_versions_changed AFTER INSERT OR UPDATE OR DELETE ON policy_versions "
        "FOR EACH STATEMENT EXECUTE FUNCTION registry_notify()"
    )
    op.add_column("decisions", sa.Column("facts", JSONB(), nullable=True))
