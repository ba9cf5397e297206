"""Channels with policies of their own.

A channel was a line for each kind of party. It becomes a place of its own, which kinds share; the lines of before stay
open or closed as they are, and get their policy from the seed that every bootstrap brings.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXTS = ARRAY(sa.Text)


def upgrade() -> None:
    op.drop_constraint("pk_channels", "channels", type_="primary")
    for column in (
        sa.Column("closed_for_zh", sa.Text),
        sa.Column("closed_for_en", sa.Text),
        sa.Column("usual_for", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("kinds", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("audiences", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("grade", sa.SmallInteger, nullable=False, server_default="4"),
        sa.Column("assurance", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("may_write", sa.Boolean, nullable=False, server_default="true"),
        sa.Column("origins", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("hours", JSONB),
        sa.Column("changed_by", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    ):
        op.add_column("channels", column)
    op.execute(
        "UPDATE channels SET usual_for = ARRAY[kind], kinds = ARRAY[kind], "
        "audiences = ARRAY['open', 'protocol', 'party', 'person', 'subject', 'operator']"
    )
    op.drop_column("channels", "kind")
    op.create_primary_key("pk_channels", "channels", ["code"])
    for name in ("usual_for", "kinds", "audiences", "grade", "assurance", "may_write", "origins", "changed_at"):
        op.alter_column("channels", name, server_default=None)
