"""Clients with keys of their own, requests pushed beforehand, codes and requests bound to keys, keys that rotate."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("client_settings", sa.Column("jwks", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("client_settings", "jwks", server_default=None)
    op.add_column("authorization_requests", sa.Column("pushed", sa.LargeBinary(), nullable=True))
    op.add_column("authorization_requests", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("authorization_requests", sa.Column("jkt", sa.Text(), nullable=True))
    op.add_column("authorization_codes", sa.Column("jkt", sa.Text(), nullable=True))
    op.create_table(
        "proofs",
        sa.Column("thumbprint", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("thumbprint", "jti", name=op.f("pk_proofs")),
    )
    op.create_index(op.f("ix_proofs_expires_at"), "proofs", ["expires_at"])
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("signs_from", _instant, nullable=False),
        sa.Column("retires_at", _instant, nullable=True),
        sa.Column("rotated_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
