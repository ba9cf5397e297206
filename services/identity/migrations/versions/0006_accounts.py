"""Documents of their own, the history of an account, its end; checks of organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _documents()
    _persons()
    _history()
    _organisations()


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", _id, nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_key", sa.LargeBinary(), nullable=False),
        sa.Column("issues", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", _instant, nullable=False),
        sa.Column("ended_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_documents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_person_id"), "documents", ["person_id"])
    op.create_index(op.f("ix_documents_number_key"), "documents", ["number_key"])
    op.create_index(
        "uq_documents_family_number_key",
        "documents",
        ["family", "number_key"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    # The sealed bytes move as they are: nobody opens them on the way, and the keyed hash stays that of the same text.
    op.execute(
        "INSERT INTO documents (id, person_id, type, family, number, number_key, source, recorded_at) "
        "SELECT gen_random_uuid(), id, 'RIC', 'RIC', resident_id, resident_key, 'population-base', registered_at FROM persons"
    )


def _persons() -> None:
    op.drop_column("persons", "resident_key")
    op.drop_column("persons", "resident_id")
    for name in ("name", "phone", "phone_key", "password"):
        op.alter_column("persons", name, nullable=True)
    op.add_column("persons", sa.Column("declared", sa.LargeBinary(), nullable=True))
    op.add_column("persons", sa.Column("status", sa.Text(), nullable=False, server_default="active"))
    op.alter_column("persons", "status", server_default=None)
    op.add_column("persons", sa.Column("merged_into", _id, nullable=True))
    op.add_column("persons", sa.Column("ended_at", _instant, nullable=True))
    op.create_foreign_key(op.f("fk_persons_merged_into"), "persons", "persons", ["merged_into"], ["id"])
    op.create_index(op.f("ix_persons_merged_into"), "persons", ["merged_into"])
    op.create_index(op.f("ix_persons_ended_at"), "persons", ["ended_at"])
    op.add_column("verifications", sa.Column("source", sa.Text(), nullable=True))
    op.execute("UPDATE verifications SET source = 'RIC'")


def _history() -> None:
    op.create_table(
        "person_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", _instant, nullable=False),
        sa.Column("until", _instant, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_person_items_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_items")),
    )
    op.create_index(op.f("ix_person_items_person_id"), "person_items", ["person_id"])
    op.create_table(
        "merge_requests",
        sa.Column("id", _id, nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("other_id", _id, nullable=False),
        sa.Column("requested_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("merged_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_merge_requests_person_id")),
        sa.ForeignKeyConstraint(["other_id"], ["persons.id"], name=op.f("fk_merge_requests_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_requests")),
    )
    for name in ("person_id", "other_id", "expires_at"):
        op.create_index(op.f(f"ix_merge_requests_{name}"), "merge_requests", [name])


def _organisations() -> None:
    op.create_table(
        "organisation_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organisation_id", _id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("representative", _id, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_checks_organisation_id")),
        sa.ForeignKeyConstraint(["representative"], ["persons.id"], name=op.f("fk_organisation_checks_representative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_checks")),
    )
    op.create_index(op.f("ix_organisation_checks_organisation_id"), "organisation_checks", ["organisation_id"])
    op.create_table(
        "licence_challenges",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_id", _id, nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_licence_challenges_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_licence_challenges_person_id")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_licence_challenges")),
    )
    op.create_index(op.f("ix_licence_challenges_expires_at"), "licence_challenges", ["expires_at"])
