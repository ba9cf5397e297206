"""The receiving half: what was already handled, remembered in the transaction that handled it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert

from chassis.database import WriteSession
from chassis.messaging.tables import message_tables
from contracts.values import EventId

_, _inbox = message_tables(sa.MetaData())
_remember: Final = insert(_inbox).on_conflict_do_nothing()
_ids: Final = sa.cast(sa.func.unnest(sa.cast(sa.bindparam("ids"), postgresql.ARRAY(sa.Text))), postgresql.UUID(as_uuid=False))
_remember_all: Final = (
    insert(_inbox)
    .from_select(["consumer", "event_id"], sa.select(sa.cast(sa.bindparam("of"), sa.Text), _ids))
    .on_conflict_do_nothing()
    .returning(_inbox.c.event_id)
)
_forget: Final = sa.delete(_inbox).where(_inbox.c.consumer == sa.bindparam("of"), _inbox.c.event_id < sa.bindparam("floor"))


async def first_delivery(session: WriteSession, consumer: str, event_id: EventId) -> bool:
    """True once per (consumer, event), in the caller's transaction; False for every redelivery.

    A rollback forgets the delivery, so a failed handler sees the event again. Source: ADR-0006.
    """
    result = await session.execute(_remember, {"consumer": consumer, "event_id": event_id})
    return result.rowcount == 1


async def first_deliveries(session: WriteSession, consumer: str, event_ids: Sequence[EventId]) -> set[EventId]:
    """Those of many for which `first_delivery` would have been true, in one statement."""
    result = await session.execute(_remember_all, {"of": consumer, "ids": list(event_ids)})
    return {EventId(each) for each in result.scalars()}


async def forget_before(session: WriteSession, consumer: str, moment: datetime) -> int:
    """Forget deliveries of events published before `moment`; says how many.

    Event ids are UUIDs of version 7, whose order is that of their milliseconds, so the primary key alone finds them.
    """
    floor = f"{int(moment.timestamp() * 1000):012x}"
    floor_id = f"{floor[:8]}-{floor[8:]}-7000-8000-000000000000"
    result = await session.execute(_forget, {"of": consumer, "floor": floor_id})
    return result.rowcount
