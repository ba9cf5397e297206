"""A decision says for which organisation, by whom and under which mandate."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("organisation", "actor", "mandate"):
        op.add_column("decisions", sa.Column(name, sa.Uuid(as_uuid=False), nullable=True))
