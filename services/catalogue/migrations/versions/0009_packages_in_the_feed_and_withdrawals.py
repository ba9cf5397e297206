"""Packages come into force and into the feed; what is scheduled can be taken back by two."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
# What is taken back stays written: only this moment is added, once, and before what it takes back is in force.
_SCHEDULED = {"versions": "effective_at", "standings": "from_at"}


def upgrade() -> None:
    op.add_column("changes", sa.Column("package", sa.Text()))
    op.alter_column("changes", "basic_code", nullable=True)
    op.drop_constraint(op.f("ck_changes_kind"), "changes")
    op.create_check_constraint(op.f("ck_changes_kind"), "changes", "kind IN ('published', 'withdrawn', 'suspended', 'resumed', 'retired')")
    op.create_check_constraint(op.f("ck_changes_about"), "changes", "num_nonnulls(basic_code, package) = 1")
    op.create_table(
        "packages",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_packages")),
    )
    op.create_index("ix_packages_next_on", "packages", ["next_on"])
    # What was published before is looked at once, and is then found as it is in force.
    op.execute("INSERT INTO packages (code, next_on) SELECT code, min(effective_on) FROM package_versions GROUP BY code")
    for table, moment in _SCHEDULED.items():
        op.add_column(table, sa.Column("withdrawn_at", _instant))
        op.execute(
            f"CREATE TRIGGER {table}_withdrawn_once BEFORE UPDATE OF withdrawn_at ON {table} FOR EACH ROW"
            f" WHEN (OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR OLD.{moment} <= NEW.withdrawn_at)"
            " EXECUTE FUNCTION published_stays()"
        )
    _create_withdrawals()


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("standing", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", _instant, nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", _instant),
        sa.CheckConstraint("num_nonnulls(version, standing) = 1", name=op.f("ck_withdrawals_about")),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_withdrawals_state")),
        sa.ForeignKeyConstraint(["basic_code"], ["matters.basic_code"], name=op.f("fk_withdrawals_basic_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    op.create_index("ix_withdrawals_basic_code", "withdrawals", ["basic_code"])
