"""Units that take in and hand out in other divisions than the one that decides; tables that approve at once; packages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    _create_packages()


def _create_packages() -> None:
    op.create_table(
        "package_cases",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False)),
        sa.Column("organisation_id", sa.Uuid(as_uuid=False)),
        sa.Column("submitted_by", sa.Uuid(as_uuid=False)),
        sa.Column("mandate", sa.Uuid(as_uuid=False)),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", _instant, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("is_due_provisional", sa.Boolean(), nullable=False),
        sa.Column("closed_at", _instant),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_package_cases_one_owner")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_package_cases")),
    )
    for owner in ("person_id", "organisation_id"):
        op.create_index(f"ix_package_cases_{owner}_submitted_at", "package_cases", [owner, "submitted_at"])
    op.create_table(
        "package_steps",
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("after", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("produces", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_up_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["package"], ["package_cases.number"], name=op.f("fk_package_steps_package")),
        sa.PrimaryKeyConstraint("package", "place", name=op.f("pk_package_steps")),
        sa.UniqueConstraint("number", name=op.f("uq_package_steps_number")),
    )
    op.create_index("ix_package_steps_status", "package_steps", ["status"])
