"""Where districts and departments are told of moves, what was told, and each attempt to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.application.tables.schema import ID, INSTANT, TransactionId, metadata

# `planned_*` is the place in `dispatches` up to which deliveries exist. The lane of a party is worked by one process at a time,
# which holds its lease; `free_at` is when the party's rate allows the next call, whoever makes it. `proof_since` is when it was
# proven that the address wants to be told, or since when it is asked.
callbacks = Table(
    "callbacks",
    metadata,
    Column("party", ID, primary_key=True),
    Column("division", Text),
    Column("agency", Text),
    Column("url", Text, nullable=False),
    Column("per_second", SmallInteger, nullable=False),
    Column("at_once", SmallInteger, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("registered_at", INSTANT, nullable=False),
    Column("planned_transaction", TransactionId, nullable=False),
    Column("planned_id", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("resumes_at", INSTANT, nullable=False),
    Column("free_at", INSTANT, nullable=False),
    Column("lease", ID),
    Column("leased_until", INSTANT, nullable=False),
    Column("proof", Text, nullable=False),
    Column("proof_since", INSTANT, nullable=False),
    Column("proof_failure", Text),
    CheckConstraint("proof IN ('asked', 'proven', 'failed')", name="proof"),
    CheckConstraint("(division IS NULL) <> (agency IS NULL)", name="one_scope"),
)

callback_keys = Table(
    "callback_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party", ID, ForeignKey("callbacks.party"), nullable=False, index=True),
    Column("public", JSONB, nullable=False),
    Column("private", LargeBinary, nullable=False, info={"sealed": True}),
    Column("made_at", INSTANT, nullable=False),
    Column("signs_from", INSTANT, nullable=False),
)

# `place` is the order of a party's deliveries. A case's next one leaves when none of its earlier ones is unfinished.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("party", ID, nullable=False),
    Column("number", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("is_replay", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("wanted_at", INSTANT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="state"),
    Index("ix_deliveries_party_place", "party", "place"),
    Index("ix_deliveries_number", "number"),
)
Index("ix_deliveries_waiting", deliveries.c.party, deliveries.c.due_at, postgresql_where=deliveries.c.state == "waiting")
Index(
    "ix_deliveries_unfinished",
    deliveries.c.party,
    deliveries.c.number,
    deliveries.c.place,
    postgresql_where=deliveries.c.state != "delivered",
)
Index("ix_deliveries_ended_at", deliveries.c.ended_at, postgresql_where=deliveries.c.state == "delivered")

# `status` is that of the answer, 0 where there was none.
delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("delivery_id", ID, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", INSTANT, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("reason", Text),
)
