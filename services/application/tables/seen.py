"""Open cases as work, what officers are limited to, slips, and what applicants are told."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.application.tables.schema import ID, INSTANT, metadata

# Kept by triggers on `cases` and `clocks`, a row for each unit that has a part in the case just now: narrow, so that a list is read
# from its indexes alone. `unit` is a division or an agency: of who decides, takes in or hands out. No due yet: infinity.
work = Table(
    "work",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("division", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_at", INSTANT, nullable=False, server_default=text("'infinity'::timestamptz")),
    Index("ix_work_unit_matter_due_at_case_id", "unit", "matter", "due_at", "case_id", postgresql_include=["status", "division", "agency"]),
    Index("ix_work_unit_due_at_case_id", "unit", "due_at", "case_id", postgresql_include=["matter", "status", "division", "agency"]),
    Index("ix_work_unit_case_id", "unit", "case_id", postgresql_where=text("unit <> division AND unit <> agency")),
)

# `unit` is the division of a district's officer, the agency of a department's; `matters` are basic codes.
officer_scopes = Table(
    "officer_scopes",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("matters", ARRAY(Text), nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
)

slips = Table(
    "slips",
    metadata,
    Column("short_number", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("password", LargeBinary, nullable=False, info={"sealed": True}),
    Column("failures", SmallInteger, nullable=False),
    Column("failed_at", INSTANT),
    Column("made_at", INSTANT, nullable=False),
)

# `act` is of the history, or a reminder's; `about` what of the case a reminder is of: it is sent once. `next_at` is when the worker
# looks at it again; none: it is at its end.
notifications = Table(
    "notifications",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("person_id", ID, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("failure", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("sent_at", INSTANT),
    Column("delivered_at", INSTANT),
    Column("next_at", INSTANT),
    Index("ix_notifications_case_id_id", "case_id", "id"),
    Index(
        "uq_notifications_case_id_act_about_channel",
        "case_id",
        "act",
        "about",
        "channel",
        unique=True,
        postgresql_where=text("about IS NOT NULL"),
    ),
    Index("ix_notifications_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
)
