"""Numbers that are handed out, and files."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from services.application.tables.schema import ID, INSTANT, metadata

serials = Table(
    "serials",
    metadata,
    Column("task_code", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("request", LargeBinary, primary_key=True, info={"plain": "digest of a client, its key and the body"}),
    Column("number", Text, nullable=False, unique=True),
    Column("reserved_at", INSTANT, nullable=False, index=True),
)

files = Table(
    "files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID),
    Column("organisation_id", ID),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False, info={"plain": "digest of a file, named to whoever may read the file"}),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("stored_at", INSTANT, nullable=False),
    UniqueConstraint("person_id", "sha256", "media_type"),
    UniqueConstraint("organisation_id", "sha256", "media_type"),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
)
