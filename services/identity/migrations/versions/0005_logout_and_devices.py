"""Clients are told of the end of a sign-on; devices without a keyboard wait for a person."""

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
    _devices()


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


def _devices() -> None:
    op.create_table(
        "device_requests",
        sa.Column("device_code", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("interval_s", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("polled_at", _instant, nullable=True),
        sa.Column("approved_by", _id, nullable=True),
        sa.Column("decided_at", _instant, nullable=True),
        sa.Column("used_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["sessions.id"], name=op.f("fk_device_requests_approved_by")),
        sa.PrimaryKeyConstraint("device_code", name=op.f("pk_device_requests")),
        sa.UniqueConstraint("user_code", name=op.f("uq_device_requests_user_code")),
    )
    op.create_index(op.f("ix_device_requests_expires_at"), "device_requests", ["expires_at"])
    op.create_table(
        "device_guesses",
        sa.Column("account", _id, nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("locked_until", _instant, nullable=True),
        sa.Column("last_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_device_guesses")),
    )
    op.create_index(op.f("ix_device_guesses_last_at"), "device_guesses", ["last_at"])
