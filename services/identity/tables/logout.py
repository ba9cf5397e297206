"""Clients that are to be told that a sign-on has ended."""

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, Table, Text, text

from services.identity.tables.schema import id_, instant, metadata

# `outcome` is delivered, refused, given_up or withdrawn; none while it is still to be done.
logout_deliveries = Table(
    "logout_deliveries",
    metadata,
    Column("id", id_, primary_key=True),
    Column("client_id", id_, nullable=False),
    Column("session_id", id_, ForeignKey("sessions.id"), nullable=False, index=True),
    Column("account", id_, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("created_at", instant, nullable=False),
    Column("due_at", instant, nullable=False),
    Column("ended_at", instant),
    Column("outcome", Text),
    Index("ix_logout_deliveries_due", "due_at", postgresql_where=text("ended_at IS NULL")),
    Index("ix_logout_deliveries_ended", "ended_at"),
)
