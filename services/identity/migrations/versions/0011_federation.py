"""Platforms of others that sign people on for us."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "federation_journeys",
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_federation_journeys")),
    )
    op.create_index(op.f("ix_federation_journeys_expires_at"), "federation_journeys", ["expires_at"])
    op.create_table(
        "federated_accounts",
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("bound_at", _instant, nullable=False),
        sa.Column("seen_at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_federated_accounts_person_id")),
        sa.PrimaryKeyConstraint("upstream", "subject", name=op.f("pk_federated_accounts")),
    )
    op.create_index(op.f("ix_federated_accounts_person_id"), "federated_accounts", ["person_id"])
