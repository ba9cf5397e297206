"""When the terms of cases end, the cards that supervision raised, and the calendar's versions."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, ForeignKey, Identity, Index, Integer, Table, Text, Time, text
from sqlalchemy.dialects.postgresql import JSONB

from services.application.tables.schema import ID, INSTANT, metadata

# One row a case: when each term that runs now ends, and when the clock has to look at the case again (`next_at`).
# `settled` names what the clock already did: rule, what it is about, and the end of the term.
clocks = Table(
    "clocks",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("calendar", ID),
    Column("is_open", Boolean, nullable=False),
    Column("is_first", Boolean, nullable=False),
    Column("is_provisional", Boolean, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("due_at", INSTANT),
    Column("prereview_due_at", INSTANT),
    Column("intake_due_at", INSTANT),
    Column("correction_due_at", INSTANT),
    Column("promise_due_at", INSTANT),
    Column("statutory_due_at", INSTANT),
    Column("step_due_at", INSTANT),
    Column("suspension_due_at", INSTANT),
    Column("result_due_at", INSTANT),
    Column("next_at", INSTANT),
    Column("settled", ARRAY(Text), nullable=False),
    Index("ix_clocks_next_at_case_id", "next_at", "case_id", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_clocks_calendar_case_id", "calendar", "case_id", postgresql_where=text("is_open")),
)

# Answered, never deleted; one open card a case and rule, which lists every occasion, and is added to.
cards = Table(
    "cards",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("to_supervisor", Boolean, nullable=False),
    Column("task_code", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("note", Text),
    Column("occasions", JSONB, nullable=False),
    Column("raised_at", INSTANT, nullable=False),
    Column("answered_at", INSTANT),
    Column("answered_by", Text),
    Column("answer", Text),
    Index("uq_cards_case_id_rule", "case_id", "rule", unique=True, postgresql_where=text("answered_at IS NULL")),
    Index("ix_cards_agency_id", "agency", "id"),
    Index("ix_cards_division_id", "division", "id"),
)

# A version of the calendar is everything up to its row: a year's notice, or the hours of a unit (none: of all others).
calendars = Table(
    "calendars",
    metadata,
    Column("version", BigInteger, Identity(always=True), primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("year", Integer),
    Column("off", ARRAY(Date)),
    Column("worked", ARRAY(Date)),
    Column("unit", Text),
    Column("opens", Time),
    Column("closes", Time),
    Column("source", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
)
