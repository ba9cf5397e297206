"""Units that take in and hand out in other divisions than the one that decides; tables that approve at once."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("receiving_division", "delivering_division"):
        op.add_column("cases", sa.Column(name, sa.Text()))
    op.create_table(
        "approval_switches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("basic_code", sa.Text()),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("sample_percent", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.CheckConstraint("unit IS NOT NULL OR basic_code IS NULL", name=op.f("ck_approval_switches_city_wide_is_all")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_switches")),
    )
    op.create_index("ix_approval_switches_unit_basic_code_id", "approval_switches", ["unit", "basic_code", "id"])
    op.create_table(
        "automatic_decisions",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("table_code", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text()),
        sa.Column("is_grant", sa.Boolean(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("recheck_for", sa.Text()),
        sa.Column("rechecked_by", sa.Text()),
        sa.Column("rechecked_at", _instant),
        sa.Column("agrees", sa.Boolean()),
        sa.Column("recheck_reason", sa.Text()),
        sa.CheckConstraint("(rechecked_by IS NULL) = (agrees IS NULL)", name=op.f("ck_automatic_decisions_whoever_rechecks_says_so")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_automatic_decisions_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_automatic_decisions")),
    )
    op.create_index("ix_automatic_decisions_agency_at", "automatic_decisions", ["agency", "at"])
    op.create_index(
        "ix_automatic_decisions_open_rechecks",
        "automatic_decisions",
        ["agency", "at"],
        postgresql_where=sa.text("recheck_for IS NOT NULL AND rechecked_by IS NULL"),
    )
