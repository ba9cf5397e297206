"""Drafts, their reviews, and from when until when a version is in force; what is published cannot be rewritten any more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.http import idempotency

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
# Columns that say what was published, from when: a later migration may still add and fill others.
_WRITTEN_ONCE = {
    "versions": "basic_code, version, content, form_fields, published_at, effective_at",
    "standings": "basic_code, state, from_at, reason, party, officer, decided_at",
}
_REFUSE = """
CREATE FUNCTION published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what is published never changes', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    idempotency.create(op)
    op.add_column("versions", sa.Column("effective_at", _instant))
    op.execute("UPDATE versions SET effective_at = published_at")
    op.alter_column("versions", "effective_at", nullable=False)
    op.add_column("matters", sa.Column("newest", sa.Integer()))
    op.execute("UPDATE matters SET newest = version")
    op.alter_column("matters", "newest", nullable=False)
    op.add_column("matters", sa.Column("state", sa.Text(), nullable=False, server_default="in_use"))
    op.add_column("matters", sa.Column("next_at", _instant))
    op.create_index("ix_matters_next_at", "matters", ["next_at"])
    _create_drafts()
    _create_standings()
    op.execute(_REFUSE)
    for table, columns in _WRITTEN_ONCE.items():
        op.execute(f"CREATE TRIGGER {table}_say BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW EXECUTE FUNCTION published_stays()")
        op.execute(f"CREATE TRIGGER {table}_rows_stay BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION published_stays()")
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION published_stays()")


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("task_code", sa.Text()),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("party", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("authors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("published_version", sa.Integer()),
        sa.CheckConstraint("kind IN ('matter', 'local') AND (kind = 'local') = (task_code IS NOT NULL)", name=op.f("ck_drafts_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected', 'published', 'withdrawn')", name=op.f("ck_drafts_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_basic_code", "drafts", ["basic_code"])
    op.create_index("ix_drafts_party_changed_at", "drafts", ["party", "changed_at"])


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("basic_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("from_at", _instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("decided_at", _instant, nullable=False),
        sa.CheckConstraint("state IN ('in_use', 'suspended', 'retired')", name=op.f("ck_standings_state")),
        sa.ForeignKeyConstraint(["basic_code"], ["matters.basic_code"], name=op.f("fk_standings_basic_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_basic_code_from_at", "standings", ["basic_code", "from_at"])
