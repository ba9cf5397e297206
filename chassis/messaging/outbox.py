"""The publishing half: an event becomes a row of the transaction that made it true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from chassis import telemetry
from chassis.database import WriteSession, put
from chassis.messaging.tables import message_tables
from contracts.events import Event
from contracts.values import EventId

BODY_LIMIT_BYTES: Final = 256 * 1024

_outbox, _ = message_tables(sa.MetaData())
_insert: Final = sa.insert(_outbox)


async def publish(session: WriteSession, event: Event, *, at: datetime, trace: str | None = None) -> EventId:
    """Say that `event` happened at `at`, if and only if the caller's transaction commits.

    `trace` is the traceparent that readers continue, the current span's unless given. Raises: ValueError for a body
    that no broker should be asked to carry.
    """
    row = row_of(event, at, trace or telemetry.current_traceparent())
    await put(session, _insert, row)
    event_id: EventId = row["event_id"]
    return event_id


async def publish_all(session: WriteSession, events: Sequence[tuple[Event, datetime]]) -> None:
    """As `publish`, for many events at once, each with the moment at which it happened: they share the round trip."""
    if events:
        trace = telemetry.current_traceparent()
        await put(session, _insert, *(row_of(event, at, trace) for event, at in events))


def row_of(event: Event, at: datetime, trace: str | None) -> dict[str, Any]:
    """Raises as `publish`."""
    body = event.model_dump_json()
    if len(body.encode()) > BODY_LIMIT_BYTES:
        msg = f"an event of type {event.TYPE} is larger than {BODY_LIMIT_BYTES} bytes"
        raise ValueError(msg)
    return {
        "event_id": EventId.new(),
        "type": event.TYPE,
        "version": event.VERSION,
        "key": event.key(),
        "body": body,
        "occurred_at": at,
        "trace": trace,
    }
