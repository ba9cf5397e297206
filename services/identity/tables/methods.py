"""What proofs of identity stand on: passkeys, challenges that wait for an answer, and failures."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Text

from services.identity.tables.schema import DIGEST, id_, instant, metadata

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential", LargeBinary, primary_key=True, info={"plain": "the authenticator's own random name of the key"}),
    Column("person_id", id_, ForeignKey("persons.id"), index=True),
    Column("staff_id", id_, ForeignKey("staff.id"), index=True),
    Column("public_key", LargeBinary, nullable=False, info={"plain": "a public key"}),
    Column("sign_count", BigInteger, nullable=False),
    Column("is_synced", Boolean, nullable=False),
    Column("device", Text, nullable=False),
    Column("created_at", instant, nullable=False),
    Column("last_used_at", instant),
    CheckConstraint("(person_id IS NULL) <> (staff_id IS NULL)", name="one_account"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("challenge", LargeBinary, primary_key=True, info=DIGEST),
    Column("purpose", Text, nullable=False),
    Column("owner", LargeBinary, nullable=False, info=DIGEST),
    Column("staff_id", id_, ForeignKey("staff.id")),
    Column("expires_at", instant, nullable=False, index=True),
)

# `key` is a keyed hash of an account, a phone or an address.
attempts = Table(
    "attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True, info={"lookup_alone": "counts of a quarter of an hour, which begin anew with a new key"}),
    Column("failures", Integer, nullable=False),
    Column("since", instant, nullable=False, index=True),
    Column("locked_until", instant),
)
