"""A certificate is superseded by its next version, and holds no more when its permit does."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NOT_SUPERSEDED = sa.text("state <> 'superseded'")


def upgrade() -> None:
    op.add_column("certificates", sa.Column("state_at", sa.DateTime(timezone=True)))
    op.add_column("certificates", sa.Column("case_revision", sa.Integer(), server_default="0", nullable=False))
    for columns in (["case_number"], ["type", "issuer", "number_key"]):
        name = f"uq_certificates_{'_'.join(columns)}"
        op.drop_constraint(op.f(name), "certificates", type_="unique")
        op.create_index(name, "certificates", columns, unique=True, postgresql_where=_NOT_SUPERSEDED)
    op.create_table(
        "ended_permits",
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_ended_permits")),
    )
