"""The access ledger: looks at organisations and by mandate, and rows that stay as they were written."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accesses", sa.Column("organisation_id", sa.Uuid(as_uuid=False)))
    op.add_column("accesses", sa.Column("mandate", sa.Uuid(as_uuid=False)))
    op.alter_column("accesses", "person_id", nullable=True)
    op.create_check_constraint(op.f("ck_accesses_one_subject"), "accesses", "num_nonnulls(person_id, organisation_id) = 1")
    op.create_index("ix_accesses_organisation_id_id", "accesses", ["organisation_id", "id"])
    op.create_index("ix_accesses_at", "accesses", ["at"], postgresql_using="brin")
    op.execute(
        """
        CREATE FUNCTION accesses_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND current_setting('tongban.purging_accesses', true) = 'on' THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'the access ledger is append-only';
        END
        $$
        """
    )
    op.execute("CREATE TRIGGER accesses_stay BEFORE UPDATE OR DELETE ON accesses FOR EACH ROW EXECUTE FUNCTION accesses_stay()")
