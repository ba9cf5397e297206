"""An organisation holds certificates too, by its credit code. What was there is persons'."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "organisation_holders",
        sa.Column("organisation_id", _id, nullable=False),
        sa.Column("holder_key", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_organisation_holders")),
        sa.UniqueConstraint("holder_key", name=op.f("uq_organisation_holders_holder_key")),
    )
    op.add_column("certificates", sa.Column("holder_kind", sa.Text(), server_default="person", nullable=False))
    op.create_check_constraint(op.f("ck_certificates_holder_kind"), "certificates", "holder_kind IN ('person', 'organisation')")
    op.add_column("presentations", sa.Column("organisation_id", _id, nullable=True))
    op.alter_column("presentations", "person_id", nullable=True)
    op.create_check_constraint(op.f("ck_presentations_one_holder"), "presentations", "(person_id IS NULL) <> (organisation_id IS NULL)")
