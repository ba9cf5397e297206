"""A code sent to a phone is sealed with its phone, so that it outlives a change of keys."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Codes live for minutes; whoever waits for one asks again.
    op.execute("DELETE FROM sms_codes")
    op.add_column("sms_codes", sa.Column("phone", sa.LargeBinary(), nullable=False))
