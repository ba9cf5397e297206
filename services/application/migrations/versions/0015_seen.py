"""A callback is proven before anything is told to it; a district beside the competent one is told too; notices are found by case."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that are registered are asked as well: nobody has shown yet that they want what is sent there.
    op.add_column("callbacks", sa.Column("proof", sa.Text(), nullable=False, server_default="asked"))
    op.add_column("callbacks", sa.Column("proof_since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()))
    op.add_column("callbacks", sa.Column("proof_failure", sa.Text()))
    op.alter_column("callbacks", "proof", server_default=None)
    op.alter_column("callbacks", "proof_since", server_default=None)
    op.create_check_constraint(op.f("ck_callbacks_proof"), "callbacks", "proof IN ('asked', 'proven', 'failed')")
    op.alter_column("dispatches", "agency", nullable=True)
    op.create_check_constraint(op.f("ck_dispatches_for_somebody"), "dispatches", "num_nonnulls(division, agency) > 0")
    op.create_index("ix_permit_notices_number", "permit_notices", ["number"])
