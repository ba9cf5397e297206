"""A case has a revision, and a history from which it can be rebuilt, which nobody changes; more of its life can be said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_REFUSE = """
CREATE FUNCTION history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a case is never changed';
END $$
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("cases", "revision", server_default=None)
    for name in ("receiving_unit", "delivering_unit", "return_to", "reviewed_by"):
        op.add_column("cases", sa.Column(name, sa.Text()))
    for name in ("received_at", "archived_at"):
        op.add_column("cases", sa.Column(name, _instant))
    op.add_column("cases", sa.Column("is_deemed_accepted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("cases", "is_deemed_accepted", server_default=None)
    op.add_column("cases", sa.Column("suspensions", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("cases", "suspensions", server_default=None)
    op.add_column("cases", sa.Column("extension", postgresql.JSONB()))
    op.drop_table("steps")
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("began_at", _instant, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_history_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_case_id_id", "history", ["case_id", "id"])
    op.execute(_REFUSE)
    op.execute("CREATE TRIGGER history_rows_stay BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_stays()")
    op.execute("CREATE TRIGGER history_stays BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION history_stays()")
