"""The two tables that every database with events holds, and the trigger that wakes its relay."""

from types import ModuleType
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

CHANNEL: Final = "outbox"

_NOTIFY: Final = f"""
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('{CHANNEL}', '');
  RETURN NULL;
END
$$
"""
_TRIGGER: Final = "CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox EXECUTE FUNCTION outbox_notify()"


def message_tables(metadata: sa.MetaData) -> tuple[sa.Table, sa.Table]:
    """Outbox and inbox, declared in a service's metadata.

    Shape: the body of an outbox row is the event's JSON; `published_at` stays null until the broker has acknowledged.
    """
    outbox = sa.Table("outbox", metadata, *_outbox_columns())
    sa.Index("ix_outbox_unpublished", outbox.c.id, postgresql_where=outbox.c.published_at.is_(None))
    inbox = sa.Table("inbox", metadata, *_inbox_columns())
    return outbox, inbox


def create(op: ModuleType) -> None:
    """Create both tables from a migration, given `alembic.op`.

    Migrations that already ran depend on it: a later change of the tables comes as a second function.
    """
    op.create_table("outbox", *_outbox_columns())
    op.create_index("ix_outbox_unpublished", "outbox", ["id"], postgresql_where=sa.text("published_at IS NULL"))
    op.create_table("inbox", *_inbox_columns())
    op.execute(_NOTIFY)
    op.execute(_TRIGGER)


def _outbox_columns() -> list[sa.Column[object]]:
    instant = sa.DateTime(timezone=True)
    return [
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("occurred_at", instant, nullable=False),
        sa.Column("trace", sa.Text, nullable=True),
        sa.Column("published_at", instant, nullable=True),
    ]


def _inbox_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", postgresql.UUID(as_uuid=False), primary_key=True),
    ]
