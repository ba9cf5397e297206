"""Sign-ons, requests for codes, and what clients hold of them. Secrets are kept as digests."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.identity.tables.schema import DIGEST, id_, instant, metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", id_, primary_key=True),
    Column("person_id", id_, ForeignKey("persons.id"), index=True),
    Column("staff_id", id_, ForeignKey("staff.id"), index=True),
    Column("cookie", LargeBinary, nullable=False, unique=True, info=DIGEST),
    Column("methods", ARRAY(Text), nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("device", Text, nullable=False),
    Column("signed_on_at", instant, nullable=False),
    Column("proven_at", instant, nullable=False),
    Column("fresh_until", instant, nullable=False),
    Column("expires_at", instant, nullable=False),
    Column("last_seen_at", instant),
    Column("revoked_at", instant),
    CheckConstraint("(person_id IS NULL) <> (staff_id IS NULL)", name="one_account"),
)

# `browser` is the digest of the cookie of the browser that asked: another browser cannot finish the request. A pushed
# request has none; the one that a browser makes of it names it in `pushed`, and both are used up together.
authorization_requests = Table(
    "authorization_requests",
    metadata,
    Column("handle", LargeBinary, primary_key=True, info=DIGEST),
    Column("client_id", id_, nullable=False),
    Column("said", JSONB, nullable=False),
    Column("browser", LargeBinary, info=DIGEST),
    Column("is_pushed", Boolean, nullable=False),
    Column("pushed", LargeBinary, info=DIGEST),
    Column("subject", Text),
    Column("jkt", Text),
    Column("created_at", instant, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    Column("used_at", instant),
)

grants = Table(
    "grants",
    metadata,
    Column("id", id_, primary_key=True),
    Column("session_id", id_, ForeignKey("sessions.id"), nullable=False, index=True),
    Column("client_id", id_, nullable=False),
    Column("scope", Text, nullable=False),
    Column("said", JSONB, nullable=False),
    Column("jkt", Text),
    Column("created_at", instant, nullable=False),
    Column("revoked_at", instant),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code", LargeBinary, primary_key=True, info=DIGEST),
    Column("grant_id", id_, ForeignKey("grants.id"), nullable=False),
    Column("client_id", id_, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text),
    Column("nonce", Text),
    Column("jkt", Text),
    Column("expires_at", instant, nullable=False, index=True),
    Column("used_at", instant),
)

# `successor` is the token that took this one's place, sealed: whoever lost the answer may ask again for a moment.
refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token", LargeBinary, primary_key=True, info=DIGEST),
    Column("grant_id", id_, ForeignKey("grants.id"), nullable=False, index=True),
    Column("client_id", id_, nullable=False),
    Column("expires_at", instant, nullable=False, index=True),
    Column("used_at", instant),
    Column("successor", LargeBinary, info={"sealed": True}),
)
