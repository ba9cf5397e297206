"""City codes: handles, paper codes, uses, and the parties that verify in a scene."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "city_codes",
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("person_id", _id, nullable=True),
        sa.Column("organisation_id", _id, nullable=True),
        sa.Column("given_at", _instant, nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_city_codes_one_subject")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_city_codes_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_city_codes_organisation_id")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_city_codes")),
        sa.UniqueConstraint("person_id", name=op.f("uq_city_codes_person_id")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_city_codes_organisation_id")),
    )
    op.create_table(
        "paper_codes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("issued_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", _instant, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_paper_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_codes")),
    )
    op.create_index(op.f("ix_paper_codes_person_id"), "paper_codes", ["person_id"])
    op.create_index(op.f("ix_paper_codes_expires_at"), "paper_codes", ["expires_at"])
    op.create_table(
        "city_code_uses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("party_id", _id, nullable=False),
        sa.Column("reference", _id, nullable=False),
        sa.Column("is_repeatable", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("used_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_city_code_uses")),
    )
    op.create_index(op.f("ix_city_code_uses_expires_at"), "city_code_uses", ["expires_at"])
    op.create_table(
        "scene_verifiers",
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("party_id", _id, nullable=False),
        sa.Column("admitted_by", sa.Text(), nullable=False),
        sa.Column("admitted_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("scene", "party_id", name=op.f("pk_scene_verifiers")),
    )
