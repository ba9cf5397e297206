"""Results that handlers hand back, by their own numbers and by work forms 二次录入."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from services.application.tables.schema import ID, INSTANT, metadata

# Kept for good: a district may repeat its own number after years.
operations = Table(
    "operations",
    metadata,
    Column("party", ID, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, info={"plain": "digest of a request"}),
    Column("act", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
)

work_forms = Table(
    "work_forms",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("party", ID, nullable=False),
    Column("case_number", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False, info={"plain": "digest of a printed form and of a secret that is kept nowhere"}),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("returned_by", Text),
    Column("returned_at", INSTANT),
    CheckConstraint("(returned_by IS NULL) = (returned_at IS NULL)", name="returned"),
    Index("ix_work_forms_party_issued_at_id", "party", "issued_at", "id"),
)
Index("ix_work_forms_out", work_forms.c.issued_at, postgresql_where=work_forms.c.returned_at.is_(None))

# What the reconciliation, or somebody who entered a result, found of a form.
findings = Table(
    "work_form_findings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("form_id", ID, ForeignKey("work_forms.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("found_at", INSTANT, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", INSTANT),
    Column("settled_by", Text),
    Column("note", Text),
    UniqueConstraint("form_id", "kind"),
    CheckConstraint("kind IN ('unreturned', 'overtaken', 'copied', 'altered')", name="kind"),
)
