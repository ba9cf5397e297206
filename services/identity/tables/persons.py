"""Natural persons, the documents that name them, how they were verified, and what was known of them before."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, LargeBinary, SmallInteger, Table, Text

from services.identity.tables.schema import id_, instant, metadata

_SEALED = {"sealed": True}

# `declared` is what a person says of themself, as sealed JSON. A closed or merged account has neither phone nor password.
persons = Table(
    "persons",
    metadata,
    Column("id", id_, primary_key=True),
    Column("name", LargeBinary, info=_SEALED),
    Column("phone", LargeBinary, info=_SEALED),
    Column("phone_key", LargeBinary, index=True, info={"lookup_of": "phone"}),
    Column("declared", LargeBinary, info=_SEALED),
    Column("password", Text),
    Column("assurance", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("merged_into", id_, ForeignKey("persons.id"), index=True),
    Column("registered_at", instant, nullable=False),
    Column("ended_at", instant, index=True),
)

# `number` is what two cards of one person have in common: without the count of issues, with the country of a passport.
documents = Table(
    "documents",
    metadata,
    Column("id", id_, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("number", LargeBinary, nullable=False, info=_SEALED),
    Column("number_key", LargeBinary, nullable=False, index=True, info={"lookup_of": "number"}),
    Column("issues", Text),
    Column("country", Text),
    Column("source", Text, nullable=False),
    Column("recorded_at", instant, nullable=False),
    Column("ended_at", instant),
)
Index(
    "uq_documents_family_number_key",
    documents.c.family,
    documents.c.number_key,
    unique=True,
    postgresql_where=documents.c.ended_at.is_(None),
)

verifications = Table(
    "verifications",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("source", Text),
    Column("assurance", SmallInteger, nullable=False),
    Column("at", instant, nullable=False),
)

# Values that others took the place of: what stood, who vouched for it, and for how long.
person_items = Table(
    "person_items",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("item", Text, nullable=False),
    Column("value", LargeBinary, nullable=False, info=_SEALED),
    Column("source", Text, nullable=False),
    Column("since", instant, nullable=False),
    Column("until", instant, nullable=False),
)

# An account asked for a document that another holds: whoever proves that account too makes them one.
merge_requests = Table(
    "merge_requests",
    metadata,
    Column("id", id_, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("other_id", id_, ForeignKey("persons.id"), nullable=False, index=True),
    Column("requested_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    Column("merged_at", instant),
)

sms_codes = Table(
    "sms_codes",
    metadata,
    Column("phone_key", LargeBinary, primary_key=True, info={"lookup_of": "phone"}),
    Column("phone", LargeBinary, nullable=False, info={"sealed": True}),
    Column("code", LargeBinary, nullable=False, info={"sealed": True}),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False),
)
