"""Records that go to the national platform, in batches with receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exchange_batches",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("receipt_at", _instant),
        sa.Column("receipt_by", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_batches")),
    )
    op.create_table(
        "exchange_records",
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("history_id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["batch_id"], ["exchange_batches.id"], name=op.f("fk_exchange_records_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_exchange_records_case_id")),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_exchange_records")),
    )
    op.create_index("ix_exchange_records_history_id", "exchange_records", ["history_id"])
    op.create_index("ix_exchange_records_rejected", "exchange_records", ["history_id"], postgresql_where=sa.text("state = 'rejected'"))
