"""Documents that wait for a review, and the order in which versions were published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("base", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'published', 'rejected', 'superseded')", name=op.f("ck_imports_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("uq_imports_waiting", "imports", ["party", "digest"], unique=True, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("ix_imports_party_id", "imports", ["party", "id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("place", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('published', 'suspended', 'resumed', 'retired')", name=op.f("ck_changes_kind")),
        sa.ForeignKeyConstraint(["basic_code"], ["matters.basic_code"], name=op.f("fk_changes_basic_code")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_changes")),
    )
    # What was published before there was a feed begins it.
    op.execute(
        "INSERT INTO changes (basic_code, version, kind, from_at, at) "
        "SELECT basic_code, version, 'published', published_at, published_at FROM versions ORDER BY published_at, basic_code, version"
    )
