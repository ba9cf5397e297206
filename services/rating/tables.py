from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import NAMING
from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables

metadata = MetaData(naming_convention=NAMING)

_instant = DateTime(timezone=True)
_id = Uuid(as_uuid=False)

tickets = Table(
    "tickets",
    metadata,
    Column("id", _id, primary_key=True),
    Column("case_number", Text, nullable=False, unique=True),
    Column("person_id", _id, nullable=False),
    Column("task_code", Text, nullable=False),
    Column("matter_name", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("agency_name", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("closed_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("used_at", _instant),
    Column("organisation_id", _id),
    Index("ix_tickets_person_id_id", "person_id", "id"),
)
Index("ix_tickets_organisation_id_id", tickets.c.organisation_id, tickets.c.id, postgresql_where=tickets.c.organisation_id.is_not(None))

# Task, agency and division repeat the ticket's, so that each list is one walk along an index.
ratings = Table(
    "ratings",
    metadata,
    Column("id", _id, primary_key=True),
    Column("ticket_id", _id, ForeignKey("tickets.id"), nullable=False, unique=True),
    Column("task_code", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("stars", SmallInteger, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("text", LargeBinary, info={"sealed": True}),
    Column("is_anonymous", Boolean, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rated_at", _instant, nullable=False),
    Column("reply_due_on", Date),
    Column("is_due_provisional", Boolean, nullable=False),
    Column("missed_periods", SmallInteger, nullable=False, server_default="0"),
    Column("reply_kind", Text),
    Column("reply_text", LargeBinary, info={"sealed": True}),
    Column("replied_by", Text),
    Column("replied_at", _instant),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    CheckConstraint("(state = 'published') = (reply_due_on IS NULL)", name="due"),
    CheckConstraint(
        "num_nonnulls(reply_kind, reply_text, replied_by, replied_at) = CASE state WHEN 'replied' THEN 4 ELSE 0 END", name="reply"
    ),
    Index("ix_ratings_agency_id", "agency", "id"),
    Index("ix_ratings_task_code_id", "task_code", "id"),
)
Index("ix_ratings_waiting_division", ratings.c.division, ratings.c.id, postgresql_where=ratings.c.state == "dispatched")
Index(
    "ix_ratings_unanswered",
    ratings.c.missed_periods,
    ratings.c.reply_due_on,
    ratings.c.id,
    postgresql_where=(ratings.c.state == "dispatched") & (ratings.c.missed_periods < 2),
)
Index("ix_ratings_waiting_agency", ratings.c.agency, ratings.c.id, postgresql_where=ratings.c.state == "dispatched")

# Accounts that became part of another: cases may close under the old id for as long as events are on their way.
merged_persons = Table(
    "merged_persons",
    metadata,
    Column("person_id", _id, primary_key=True),
    Column("into", _id, nullable=False, index=True),
    Column("merged_at", _instant, nullable=False, index=True),
)

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)
