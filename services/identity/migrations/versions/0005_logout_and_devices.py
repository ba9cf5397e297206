"""Clients are told of the end of a sign-on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "logout_deliveries",
        sa.Column("id", _id, nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("session_id", _id, nullable=False),
        sa.Column("account", _id, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("ended_at", _instant, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_logout_deliveries_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_deliveries")),
    )
    op.create_index(op.f("ix_logout_deliveries_session_id"), "logout_deliveries", ["session_id"])
    op.create_index("ix_logout_deliveries_due", "logout_deliveries", ["due_at"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_logout_deliveries_ended", "logout_deliveries", ["ended_at"])
