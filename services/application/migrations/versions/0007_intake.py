"""Drafts, judgements, outages of sources; by which way a case came in, and how each of its materials was given."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)
_SAY_HOW = """
UPDATE materials
SET way = CASE WHEN file_id IS NOT NULL THEN 'file' WHEN copy IS NOT NULL THEN 'certificate' ELSE 'commitment' END
"""


def upgrade() -> None:
    _cases()
    _materials()
    _files()
    op.create_table(
        "drafts",
        sa.Column("id", _id, nullable=False),
        sa.Column("person_id", _id),
        sa.Column("organisation_id", _id),
        sa.Column("mandate", _id),
        sa.Column("task_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("situation", sa.Text()),
        sa.Column("matter_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("began_at", _instant, nullable=False),
        sa.Column("edited_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_drafts_one_owner")),
    )
    op.create_index("ix_drafts_person_id_id", "drafts", ["person_id", "id"])
    op.create_index("ix_drafts_organisation_id_id", "drafts", ["organisation_id", "id"])
    op.create_index("ix_drafts_edited_at", "drafts", ["edited_at"])
    op.create_table(
        "judgements",
        sa.Column("id", _id, nullable=False),
        sa.Column("person_id", _id),
        sa.Column("organisation_id", _id),
        sa.Column("task_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("judged_at", _instant, nullable=False),
        sa.Column("case_id", _id),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_judgements_case_id")),
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_judgements_one_owner")),
    )
    op.create_index("ix_judgements_judged_at", "judgements", ["judged_at"])
    op.create_index("ix_judgements_case_id", "judgements", ["case_id"])
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("seen_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index("ix_outages_source_seen_at", "outages", ["source", "seen_at"])


def _cases() -> None:
    op.add_column("cases", sa.Column("channel", sa.Text(), nullable=False, server_default="pc"))
    op.alter_column("cases", "channel", server_default=None)
    op.add_column("cases", sa.Column("began_at", _instant))
    op.create_index("ix_cases_submitted_at", "cases", ["submitted_at"], postgresql_using="brin")


def _materials() -> None:
    """Earlier rows say by what they hold how they were given; what they were required for is not known any more."""
    op.add_column("materials", sa.Column("way", sa.Text()))
    op.execute(_SAY_HOW)
    op.alter_column("materials", "way", nullable=False)
    op.add_column("materials", sa.Column("is_required", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("materials", "is_required", server_default=None)
    op.add_column("materials", sa.Column("issued_by", sa.Text(), nullable=False, server_default="other"))
    op.alter_column("materials", "issued_by", server_default=None)
    for name in ("reason", "evidence"):
        op.add_column("materials", sa.Column(name, sa.Text()))
    op.add_column("materials", sa.Column("due_on", sa.Date()))
    op.add_column("materials", sa.Column("supplied_at", _instant))
    op.create_index("ix_materials_file_id", "materials", ["file_id"], postgresql_where=sa.text("file_id IS NOT NULL"))
    op.create_index("ix_materials_due_on", "materials", ["due_on"], postgresql_where=sa.text("way = 'deferred'"))


def _files() -> None:
    op.add_column("files", sa.Column("agency", sa.Text()))
    op.add_column("files", sa.Column("name", sa.LargeBinary()))
    op.add_column("files", sa.Column("removed_at", _instant))
    op.create_unique_constraint(op.f("uq_files_agency_sha256_media_type"), "files", ["agency", "sha256", "media_type"])
    op.drop_constraint(op.f("ck_files_one_owner"), "files", type_="check")
    op.create_check_constraint(op.f("ck_files_one_owner"), "files", "num_nonnulls(person_id, organisation_id, agency) = 1")
