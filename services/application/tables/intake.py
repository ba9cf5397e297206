"""Numbers that are handed out, files, and what stands beside a submission: drafts, judgements, outages of sources."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
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

# Of a person, an organisation, or the window of an agency. A removed one is kept only for the cases that used it.
files = Table(
    "files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID),
    Column("organisation_id", ID),
    Column("agency", Text),
    Column("name", LargeBinary, info={"sealed": True}),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False, info={"plain": "digest of a file, named to whoever may read the file"}),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("stored_at", INSTANT, nullable=False),
    Column("removed_at", INSTANT),
    UniqueConstraint("person_id", "sha256", "media_type"),
    UniqueConstraint("organisation_id", "sha256", "media_type"),
    UniqueConstraint("agency", "sha256", "media_type"),
    CheckConstraint("num_nonnulls(person_id, organisation_id, agency) = 1", name="one_owner"),
)

# Of an applicant and, where somebody acts for them, of that mandate alone.
drafts = Table(
    "drafts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID),
    Column("organisation_id", ID),
    Column("mandate", ID),
    Column("task_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("situation", Text),
    Column("matter_name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("revision", Integer, nullable=False),
    Column("began_at", INSTANT, nullable=False),
    Column("edited_at", INSTANT, nullable=False, index=True),
    Index("ix_drafts_person_id_id", "person_id", "id"),
    Index("ix_drafts_organisation_id_id", "organisation_id", "id"),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
)

# What was told before a submission about whether the applicant may apply, and the case that was submitted all the same.
judgements = Table(
    "judgements",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person_id", ID),
    Column("organisation_id", ID),
    Column("task_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("said", LargeBinary, nullable=False, info={"sealed": True}),
    Column("judged_at", INSTANT, nullable=False, index=True),
    Column("case_id", ID, ForeignKey("cases.id"), index=True),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
)

# When a source did not answer, as seen by intake itself or told by a party.
outages = Table(
    "outages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("seen_by", Text, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Index("ix_outages_source_seen_at", "source", "seen_at"),
)
