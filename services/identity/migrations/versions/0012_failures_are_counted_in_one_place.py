"""Wrong proofs are counted in `attempts` alone."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("persons", "staff"):
        for column in ("failures", "locked_until"):
            op.drop_column(table, column)
