"""Documents that agencies issued, and their numbers."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text, UniqueConstraint

from services.application.tables.schema import ID, INSTANT, metadata

document_serials = Table(
    "document_serials",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
)

# `revision` is that of the case after the act: an act leaves one. The `sheet` is printed and sealed when it is first asked for.
documents = Table(
    "documents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("sheet", LargeBinary, info={"sealed": True}),
    Column("digest", LargeBinary, info={"plain": "digest of a sheet, named to whoever may read the sheet"}),
    Column("signature", LargeBinary, info={"plain": "signature over a sheet, named to whoever may read the sheet"}),
    Column("algorithm", Text),
    Column("key_id", Text),
    Column("public_key", Text),
    Column("is_test", Boolean),
    Column("sealed_at", INSTANT),
    UniqueConstraint("case_id", "revision"),
    Index("ix_documents_agency_number", "agency", "number", unique=True),
)
