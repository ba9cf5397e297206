"""A case says in which situation of its matter it was submitted: form and materials are those of the situation."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("situation", sa.Text(), nullable=True))
