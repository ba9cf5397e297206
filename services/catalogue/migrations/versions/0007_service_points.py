"""Halls, windows, kiosks and stations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_points",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_points")),
    )
    op.create_index(op.f("ix_service_points_kind"), "service_points", ["kind"], unique=False)
    op.create_index(op.f("ix_service_points_division"), "service_points", ["division"], unique=False)
    op.create_index("ix_service_points_position", "service_points", ["latitude", "longitude"], unique=False)
    op.create_table(
        "service_point_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_point_changes")),
    )
    op.create_index(op.f("ix_service_point_changes_code"), "service_point_changes", ["code"], unique=False)
