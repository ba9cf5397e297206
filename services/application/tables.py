from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from chassis.database import NAMING
from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: the id of the writing transaction, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


# Whoever compares a database with these tables reads the column back as what it is.
ischema_names["xid8"] = TransactionId

metadata = MetaData(naming_convention=NAMING)

_instant = DateTime(timezone=True)
_id = Uuid(as_uuid=False)

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
    Column("reserved_at", _instant, nullable=False, index=True),
)

files = Table(
    "files",
    metadata,
    Column("id", _id, primary_key=True),
    Column("person_id", _id),
    Column("organisation_id", _id),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False, info={"plain": "digest of a file, named to whoever may read the file"}),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("stored_at", _instant, nullable=False),
    UniqueConstraint("person_id", "sha256", "media_type"),
    UniqueConstraint("organisation_id", "sha256", "media_type"),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
)

# The applicant is a person or an organisation; `submitted_by` is who acted for it under `mandate`, if somebody did.
cases = Table(
    "cases",
    metadata,
    Column("id", _id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("person_id", _id),
    Column("organisation_id", _id),
    Column("submitted_by", _id),
    Column("mandate", _id),
    Column("task_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("situation", Text),
    Column("matter_name", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("agency_name", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("promised_working_days", SmallInteger, nullable=False),
    Column("is_illustrative", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("certificate_type", Text),
    Column("trace", Text),
    Column("applicant", LargeBinary, nullable=False, info={"sealed": True}),
    Column("form", LargeBinary, nullable=False, info={"sealed": True}),
    Column("result", LargeBinary, info={"sealed": True}),
    Column("notice_text", Text),
    Column("notice_materials", ARRAY(Text)),
    Column("notice_fields", ARRAY(Text)),
    Column("notice_at", _instant),
    Column("submitted_at", _instant, nullable=False),
    Column("accepted_by", Text),
    Column("accepted_at", _instant),
    Column("due_on", Date),
    Column("is_due_provisional", Boolean),
    Column("decided_by", Text),
    Column("decided_at", _instant),
    Column("reason", Text),
    Column("closed_at", _instant),
    Column("certificate", Text),
    Index("ix_cases_person_id_id", "person_id", "id"),
    Index("ix_cases_organisation_id_id", "organisation_id", "id"),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
    CheckConstraint("(submitted_by IS NULL) = (mandate IS NULL)", name="mandate_of_somebody"),
    CheckConstraint("organisation_id IS NULL OR submitted_by IS NOT NULL", name="somebody_submitted"),
)

materials = Table(
    "materials",
    metadata,
    Column("case_id", _id, ForeignKey("cases.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("file_id", _id, ForeignKey("files.id")),
    Column("copy", LargeBinary, info={"sealed": True}),
)

steps = Table(
    "steps",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", _id, ForeignKey("cases.id"), nullable=False),
    Column("at", _instant, nullable=False),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("officer", Text),
    Column("note", Text),
    Index("ix_steps_case_id_id", "case_id", "id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", _id, primary_key=True),
    Column("person_id", _id, nullable=False),
    Column("certificate_id", _id, nullable=False),
    Column("case_number", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("given_at", _instant, nullable=False),
    Column("withdrawn_at", _instant),
    Index("ix_consents_person_id_given_at_id", "person_id", "given_at", "id"),
)

# Readers keep a cursor, and ids are taken before commit: the writing transaction's own id tells which rows are settled.
dispatches = Table(
    "dispatches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("written_by", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("at", _instant, nullable=False),
    UniqueConstraint("number", "reason"),
    Index("ix_dispatches_division", "division", "written_by", "id"),
    Index("ix_dispatches_agency", "agency", "written_by", "id"),
)

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)
