"""Implementations in a version are objects: what an agency says where it differs from what all say. Agencies may serve a street."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agencies", sa.Column("area", sa.Text(), nullable=True))
    op.execute(
        """UPDATE versions SET content = jsonb_set(content, '{implementations}', (
            SELECT jsonb_agg(CASE jsonb_typeof(each.said) WHEN 'string' THEN jsonb_build_object('task_code', each.said) ELSE each.said END
                             ORDER BY each.place)
            FROM jsonb_array_elements(content -> 'implementations') WITH ORDINALITY AS each (said, place)))"""
    )
