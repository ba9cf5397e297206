"""Devices without a keyboard that wait for a person to let them in."""

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, Table, Text

from services.identity.tables.schema import DIGEST, id_, instant, metadata

# `user_code` is a keyed hash: eight letters are soon guessed from a plain one. It is gone with its request in minutes.
device_requests = Table(
    "device_requests",
    metadata,
    Column("device_code", LargeBinary, primary_key=True, info=DIGEST),
    Column("user_code", LargeBinary, nullable=False, unique=True, info={"lookup_alone": "gone in minutes, as its code"}),
    Column("client_id", id_, nullable=False),
    Column("scope", Text, nullable=False),
    Column("interval_s", SmallInteger, nullable=False),
    Column("created_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    Column("polled_at", instant),
    Column("approved_by", id_, ForeignKey("sessions.id")),
    Column("decided_at", instant),
    Column("used_at", instant),
)

# Wrong codes of one account, so that nobody finds the code of another's device by trying.
device_guesses = Table(
    "device_guesses",
    metadata,
    Column("account", id_, primary_key=True),
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", instant),
    Column("last_at", instant, nullable=False, index=True),
)
