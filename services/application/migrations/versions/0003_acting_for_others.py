"""Organisations apply too, and a case says who submitted it under which mandate."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    for table in ("cases", "files"):
        op.add_column(table, sa.Column("organisation_id", _id, nullable=True))
        op.alter_column(table, "person_id", nullable=True)
        op.create_check_constraint(op.f(f"ck_{table}_one_owner"), table, "(person_id IS NULL) <> (organisation_id IS NULL)")
    op.add_column("cases", sa.Column("submitted_by", _id, nullable=True))
    op.add_column("cases", sa.Column("mandate", _id, nullable=True))
    op.create_check_constraint(op.f("ck_cases_mandate_of_somebody"), "cases", "(submitted_by IS NULL) = (mandate IS NULL)")
    op.create_check_constraint(op.f("ck_cases_somebody_submitted"), "cases", "organisation_id IS NULL OR submitted_by IS NOT NULL")
    op.create_index("ix_cases_organisation_id_id", "cases", ["organisation_id", "id"])
    op.create_unique_constraint(op.f("uq_files_organisation_id_sha256_media_type"), "files", ["organisation_id", "sha256", "media_type"])
