"""Statutory documents, whose numbers and sheets nobody changes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)
# What is sealed at rest is sealed anew under another key; what was issued stays, and so does a sheet that has its seal.
_REFUSE = """
CREATE FUNCTION documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.id, OLD.case_id, OLD.revision, OLD.kind, OLD.agency, OLD.number, OLD.issued_at)
            IS NOT DISTINCT FROM (NEW.id, NEW.case_id, NEW.revision, NEW.kind, NEW.agency, NEW.number, NEW.issued_at)
            AND (OLD.digest IS NULL OR (OLD.digest, OLD.signature) IS NOT DISTINCT FROM (NEW.digest, NEW.signature))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a document that was issued is never changed';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "document_serials",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "kind", "year", name=op.f("pk_document_serials")),
    )
    op.create_table(
        "documents",
        sa.Column("id", _id, nullable=False),
        sa.Column("case_id", _id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_at", _instant, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sheet", sa.LargeBinary()),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("signature", sa.LargeBinary()),
        sa.Column("algorithm", sa.Text()),
        sa.Column("key_id", sa.Text()),
        sa.Column("public_key", sa.Text()),
        sa.Column("is_test", sa.Boolean()),
        sa.Column("sealed_at", _instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_documents_case_id")),
        sa.UniqueConstraint("case_id", "revision", name=op.f("uq_documents_case_id_revision")),
    )
    op.create_index("ix_documents_agency_number", "documents", ["agency", "number"], unique=True)
    op.execute(_REFUSE)
    op.execute("CREATE TRIGGER documents_rows_stay BEFORE UPDATE OR DELETE ON documents FOR EACH ROW EXECUTE FUNCTION documents_stay()")
    op.execute("CREATE TRIGGER documents_stay BEFORE TRUNCATE ON documents FOR EACH STATEMENT EXECUTE FUNCTION documents_stay()")
