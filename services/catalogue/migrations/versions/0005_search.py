"""What is found, as every process reads it into its index; the matters that are published are found from the start."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MATTERS = """
INSERT INTO search_documents (kind, code, said, is_removed)
SELECT 'matter', matters.basic_code, jsonb_build_object(
    'name', content -> 'name', 'aliases', content -> 'aliases', 'themes', content -> 'themes', 'served', content -> 'served',
    'channels', content -> 'channels', 'is_immediate', content -> 'is_immediate', 'visits', content -> 'visits',
    'illustrative', content::text LIKE '%"illustrative"%',
    'places', (SELECT jsonb_agg(jsonb_build_array(
        each ->> 'task_code', coalesce(each -> 'promised' -> 'working_days', content -> 'promised' -> 'working_days')))
        FROM jsonb_array_elements(content -> 'implementations') AS each)), false
FROM matters JOIN versions USING (basic_code, version)
"""
_AGENCIES = """
INSERT INTO search_documents (kind, code, said, is_removed)
SELECT 'agency', code, jsonb_build_object('name', name), false FROM agencies
"""


def upgrade() -> None:
    op.create_table(
        "search_documents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk_search_documents")),
    )
    op.create_index("ix_search_documents_changed", "search_documents", ["changed"])
    op.execute(_MATTERS)
    op.execute(_AGENCIES)
    op.drop_index("ix_matters_bigrams", "matters")
    op.drop_index("ix_matters_keywords", "matters")
    for column in ("keywords", "pinyin", "initials", "bigrams"):
        op.drop_column("matters", column)
