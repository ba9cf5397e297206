"""Of a bad rating it is told that nobody answered it in time, and that nobody did one period later."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ratings", sa.Column("missed_periods", sa.SmallInteger(), nullable=False, server_default="0"))
    is_unanswered = sa.text("state = 'dispatched' AND missed_periods < 2")
    op.create_index("ix_ratings_unanswered", "ratings", ["missed_periods", "reply_due_on", "id"], postgresql_where=is_unanswered)
