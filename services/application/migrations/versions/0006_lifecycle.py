"""What a case holds of its review, its hearing, its refusal, its delivery and its end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, empty in (("notice_citations", "[]"), ("course", "{}"), ("grounds", "[]")):
        op.add_column("cases", sa.Column(name, postgresql.JSONB(), nullable=False, server_default=empty))
        op.alter_column("cases", name, server_default=None)
    for name in ("intake_refusal", "hearing", "delivery"):
        op.add_column("cases", sa.Column(name, postgresql.JSONB(none_as_null=True)))
    for name in ("terminated_for", "retention"):
        op.add_column("cases", sa.Column(name, sa.Text()))
    op.add_column("history", sa.Column("replaced", sa.LargeBinary()))
