"""Fields of the dictionary say who holds them, what they are about, how sensitive they are, and their choices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("help_zh", "help_en", "ask_anyway"):
        op.add_column("fields", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("fields", sa.Column("group", sa.Text(), nullable=False, server_default="matter"))
    op.add_column("fields", sa.Column("grade", sa.SmallInteger(), nullable=False, server_default="2"))
    op.add_column("fields", sa.Column("options", postgresql.JSONB(), nullable=False, server_default="[]"))
    for name in ("group", "grade", "options"):
        op.alter_column("fields", name, server_default=None)
    # A text stays a text within JSON: it is read as the source that it names.
    op.alter_column("fields", "source", type_=postgresql.JSONB(), postgresql_using="to_jsonb(source)")
