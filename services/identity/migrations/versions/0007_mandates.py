"""Mandates: who may act for whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mandates",
        sa.Column("id", _id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("principal_person", _id, nullable=True),
        sa.Column("principal_organisation", _id, nullable=True),
        sa.Column("agent", _id, nullable=True),
        sa.Column("agent_name", sa.LargeBinary(), nullable=False),
        sa.Column("agent_number", sa.LargeBinary(), nullable=True),
        sa.Column("agent_key", sa.LargeBinary(), nullable=True),
        sa.Column("matters", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("begins_at", _instant, nullable=False),
        sa.Column("ends_at", _instant, nullable=True),
        sa.Column("granted_at", _instant, nullable=False),
        sa.Column("granted_by", _id, nullable=False),
        sa.Column("answer_by", _instant, nullable=True),
        sa.Column("accepted_at", _instant, nullable=True),
        sa.Column("revoked_at", _instant, nullable=True),
        sa.Column("revoked_by", _id, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(principal_person IS NULL) <> (principal_organisation IS NULL)", name=op.f("ck_mandates_one_principal")),
        sa.CheckConstraint("agent IS NOT NULL OR accepted_at IS NULL", name=op.f("ck_mandates_accepted_by_somebody")),
        sa.ForeignKeyConstraint(["principal_person"], ["persons.id"], name=op.f("fk_mandates_principal_person")),
        sa.ForeignKeyConstraint(["principal_organisation"], ["organisations.id"], name=op.f("fk_mandates_principal_organisation")),
        sa.ForeignKeyConstraint(["agent"], ["persons.id"], name=op.f("fk_mandates_agent")),
        sa.ForeignKeyConstraint(["granted_by"], ["persons.id"], name=op.f("fk_mandates_granted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    for column in ("principal_person", "principal_organisation", "agent"):
        op.create_index(op.f(f"ix_mandates_{column}"), "mandates", [column])
    op.create_index(
        "uq_mandates_representative",
        "mandates",
        ["principal_organisation"],
        unique=True,
        postgresql_where=sa.text("kind = 'representative' AND revoked_at IS NULL"),
    )
