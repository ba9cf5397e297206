"""Decision records in chained blocks, with checkpoints.

Records from before this revision stand in no chain and cannot be put into one that proves anything; they stay beside it.
What was written once is neither changed nor deleted, but for bodies of records whose term is over, and those only by a
transaction that says so: `SET LOCAL ledger.retention = 'on'`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_WRITTEN_ONCE = ("decisions", "ledger_chains", "ledger_blocks", "ledger_checkpoints", "ledger_sealed")
_REFUSE = """
CREATE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'decisions' AND current_setting('ledger.retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% of % is refused: the ledger is written once', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    _set_aside_the_unchained()
    _create_chain()
    _create_decisions()
    op.execute(_REFUSE)
    for table in _WRITTEN_ONCE:
        op.execute(
            f"CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_is_written_once()"
        )
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once()")


def _set_aside_the_unchained() -> None:
    had_any = op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM decisions)")).scalar_one()
    if not had_any:
        op.drop_table("decisions")
        return
    op.drop_index("ix_decisions_party_id")
    op.drop_index("ix_decisions_case_number_id")
    op.execute("ALTER TABLE decisions RENAME CONSTRAINT pk_decisions TO pk_unchained_decisions")
    op.rename_table("decisions", "unchained_decisions")


def _create_chain() -> None:
    op.create_table(
        "ledger_chains",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_blocks",
        sa.Column("chain", sa.Uuid(as_uuid=False), sa.ForeignKey("ledger_chains.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("previous", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_sealed",
        sa.Column("chain", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("block", sa.BigInteger, primary_key=True),
    )


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("chain", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("block", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kept_as", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("party", sa.Uuid(as_uuid=False)),
        sa.Column("person", sa.Uuid(as_uuid=False)),
        sa.Column("case_number", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("chain", "block", "position"),
    )
    op.create_index("ix_decisions_request_id", "decisions", ["request_id"])
    for name in ("party", "person", "case_number"):
        op.create_index(f"ix_decisions_{name}_id", "decisions", [name, "id"], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.create_index("ix_decisions_at", "decisions", ["at"], postgresql_using="brin")
    op.create_table(
        "usage_counts",
        sa.Column("party", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("environment", sa.Text, primary_key=True),
        sa.Column("granted", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("personal", sa.BigInteger, nullable=False),
    )
