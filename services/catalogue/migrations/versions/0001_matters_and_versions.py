"""Divisions, agencies, fields, matters and their versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.messaging import tables as messaging

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "agencies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_agencies")),
    )
    op.create_table(
        "divisions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_divisions")),
    )
    op.create_table(
        "fields",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fields")),
    )
    op.create_table(
        "matters",
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("bigrams", postgresql.TSVECTOR(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("basic_code", name=op.f("pk_matters")),
    )
    op.create_index("ix_matters_bigrams", "matters", ["bigrams"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_matters_keywords", "matters", ["keywords"], unique=False, postgresql_using="gin", postgresql_ops={"keywords": "gin_trgm_ops"}
    )
    op.create_table(
        "implementations",
        sa.Column("task_code", sa.Text(), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agencies.code"], name=op.f("fk_implementations_agency")),
        sa.ForeignKeyConstraint(["basic_code"], ["matters.basic_code"], name=op.f("fk_implementations_basic_code")),
        sa.PrimaryKeyConstraint("task_code", name=op.f("pk_implementations")),
    )
    op.create_index(op.f("ix_implementations_basic_code"), "implementations", ["basic_code"], unique=False)
    op.create_index(op.f("ix_implementations_division"), "implementations", ["division"], unique=False)
    op.create_table(
        "versions",
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("form_fields", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["basic_code"], ["matters.basic_code"], name=op.f("fk_versions_basic_code")),
        sa.PrimaryKeyConstraint("basic_code", "version", name=op.f("pk_versions")),
    )
    # ### end Alembic commands ###
    messaging.create(op)
