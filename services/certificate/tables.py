from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import NAMING
from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables

metadata = MetaData(naming_convention=NAMING)

_instant = DateTime(timezone=True)
_id = Uuid(as_uuid=False)

types = Table(
    "types",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("issuer_function", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("valid_years", SmallInteger),
    Column("provenance", Text, nullable=False),
)

holders = Table(
    "holders",
    metadata,
    Column("person_id", _id, primary_key=True),
    Column("holder_key", LargeBinary, nullable=False, unique=True, info={"lookup_of": "holder_id"}),
    Column("holder_id", LargeBinary, info={"sealed": True}),
)

organisation_holders = Table(
    "organisation_holders",
    metadata,
    Column("organisation_id", _id, primary_key=True),
    Column("holder_key", LargeBinary, nullable=False, unique=True, info={"lookup_of": "holder_id"}),
    Column("holder_id", LargeBinary, nullable=False, info={"sealed": True}),
)

# `holder_id` is a person's resident id or an organisation's credit code: both may be 18 digits, so the kind is asked too.
certificates = Table(
    "certificates",
    metadata,
    Column("id", _id, primary_key=True),
    Column("identifier", Text, nullable=False, unique=True),
    Column("type", Text, ForeignKey("types.code"), nullable=False),
    Column("number", LargeBinary, nullable=False, info={"sealed": True}),
    Column("number_key", LargeBinary, nullable=False, info={"lookup_of": "number"}),
    Column("issuer", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("holder_kind", Text, nullable=False, server_default="person"),
    Column("holder_key", LargeBinary, nullable=False, index=True, info={"lookup_of": "holder_id"}),
    Column("holder_name", LargeBinary, nullable=False, info={"sealed": True}),
    Column("holder_id", LargeBinary, nullable=False, info={"sealed": True}),
    Column("content", LargeBinary, nullable=False, info={"sealed": True}),
    Column("issued_on", Date, nullable=False),
    Column("valid_until", Date),
    Column("case_number", Text),
    Column("salt", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False, info={"sealed": True}),
    Column("created_at", _instant, nullable=False),
    Column("state_at", _instant),
    Column("case_revision", Integer, nullable=False, server_default="0"),
    CheckConstraint("holder_kind IN ('person', 'organisation')", name="holder_kind"),
    # Versions that were superseded stay beside the one that says it now.
    Index("uq_certificates_case_number", "case_number", unique=True, postgresql_where=text("state <> 'superseded'")),
    Index(
        "uq_certificates_type_issuer_number_key", "type", "issuer", "number_key", unique=True,
        postgresql_where=text("state <> 'superseded'"),
    ),
)  # fmt: skip

# Of cases whose permit holds no more, whether their certificate was issued by then or not.
ended_permits = Table(
    "ended_permits",
    metadata,
    Column("case_number", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("ended_at", _instant, nullable=False),
)

presentations = Table(
    "presentations",
    metadata,
    Column("code", LargeBinary, primary_key=True, info={"plain": "digest of a random secret of 256 bits"}),
    Column("certificate_id", _id, ForeignKey("certificates.id"), nullable=False),
    Column("person_id", _id),
    Column("organisation_id", _id),
    Column("purpose", Text, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("used_at", _instant),
    Column("verifier", _id),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_holder"),
)

uses = Table(
    "uses",
    metadata,
    Column("certificate_id", _id, ForeignKey("certificates.id"), primary_key=True),
    Column("case_number", Text, primary_key=True),
    Column("task_code", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("consent_id", _id, nullable=False),
    Column("used_at", _instant, nullable=False),
)

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)
