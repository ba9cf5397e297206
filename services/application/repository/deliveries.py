"""What parties are told of moves: made from the feed, in its order; each attempt is kept."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Text, cast, delete, exists, insert, select, update

from chassis.database import WriteSession
from contracts.values import CaseNumber, Id, PartyId
from services.application.domain.deliveries import Attempt, Callback, Delivery, ReplayIsTooLarge
from services.application.repository import sight
from services.application.repository.dispatches import COLUMNS, Place, following
from services.application.tables import TransactionId, callbacks, deliveries, delivery_attempts, dispatches

_PLANNED_AT_ONCE: Final = 200
_REPLAYED_AT_ONCE: Final = 10_000
_FORGOTTEN_AT_ONCE: Final = 1000


class Deliveries:
    """Of one party."""

    def __init__(self, session: WriteSession, party: PartyId) -> None:
        self._session = session
        self._party = party

    async def plan(self, callback: Callback, at: datetime) -> bool:
        """Make deliveries of what the feed has for the party beyond its place. Whether there may be more."""
        row = (await self._session.execute(self._mine().with_for_update())).one()
        place = Place(int(row.transaction), row.planned_id)
        found = (await self._session.execute(following(callback.scope, place, limit=_PLANNED_AT_ONCE))).all()
        if found:
            await self._add(found, at, is_replay=False)
            last = cast(cast(str(found[-1].transaction), Text), TransactionId)
            planned = update(callbacks).values(planned_transaction=last, planned_id=found[-1].id)
            await self._session.execute(planned.where(callbacks.c.party == self._party))
        return len(found) == _PLANNED_AT_ONCE

    async def due(self, at: datetime, *, besides: Collection[int], limit: int) -> list[Delivery]:
        """The next ones, of each case only the first that is unfinished: one that is dead holds back what comes after it."""
        earlier = deliveries.alias()
        is_behind = exists().where(
            earlier.c.party == deliveries.c.party,
            earlier.c.number == deliveries.c.number,
            earlier.c.state != "delivered",
            earlier.c.place < deliveries.c.place,
        )
        mine = (deliveries.c.party == self._party) & (deliveries.c.state == "waiting") & (deliveries.c.due_at <= at)
        query = select(deliveries).where(mine, ~is_behind, deliveries.c.place.not_in(besides)).order_by(deliveries.c.place).limit(limit)
        return [_delivery(row) for row in await self._session.execute(query)]

    async def settle(self, delivery: Delivery, attempt: Attempt, state: str, due_at: datetime, at: datetime) -> None:
        """After an attempt, in one statement. `state` is what the delivery is now: waiting until `due_at`, delivered or dead."""
        ended_at = None if state == "waiting" else at
        values = {"state": state, "attempts": delivery.attempts + 1, "due_at": due_at, "ended_at": ended_at}
        noted = insert(delivery_attempts).values(delivery_id=delivery.id, **asdict(attempt)).cte("noted")
        await self._session.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(values).add_cte(noted))

    async def redrive(self, ids: Sequence[Id] | None, at: datetime) -> int:
        """Try dead ones again from now on, all of them or these."""
        dead = (deliveries.c.party == self._party) & (deliveries.c.state == "dead")
        if ids is not None:
            dead &= deliveries.c.id.in_(ids)
        values = {"state": "waiting", "wanted_at": at, "due_at": at, "ended_at": None}
        return int((await self._session.execute(update(deliveries).where(dead).values(values))).rowcount)

    async def replay(self, callback: Callback, since: datetime, until: datetime, at: datetime) -> int:
        """Tell once more what happened in this time, in its order, behind what waits. Raises ReplayIsTooLarge."""
        happened = (dispatches.c.at >= since) & (dispatches.c.at < until)
        # What has not been told a first time yet is not told twice.
        told = exists().where(
            deliveries.c.party == self._party,
            deliveries.c.number == dispatches.c.number,
            deliveries.c.revision == dispatches.c.revision,
            deliveries.c.state == "waiting",
        )
        query = select(dispatches).where(sight.decided(callback.scope, COLUMNS), happened, ~told)
        ordered = query.order_by(dispatches.c.written_by, dispatches.c.id).limit(_REPLAYED_AT_ONCE + 1)
        found = (await self._session.execute(ordered)).all()
        if len(found) > _REPLAYED_AT_ONCE:
            raise ReplayIsTooLarge
        for begin in range(0, len(found), _PLANNED_AT_ONCE):
            await self._add(found[begin : begin + _PLANNED_AT_ONCE], at, is_replay=True)
        return len(found)

    async def _add(self, found: Sequence[Row[Any]], at: datetime, *, is_replay: bool) -> None:
        rows = [
            {
                "id": Id.new(),
                "party": self._party,
                "number": row.number,
                "revision": row.revision,
                "reason": row.reason,
                "body": _said(row),
                "is_replay": is_replay,
                "state": "waiting",
                "attempts": 0,
                "created_at": at,
                "wanted_at": at,
                "due_at": at,
            }
            for row in found
        ]
        # The rows of one statement take their `place` in the order in which they stand here.
        await self._session.execute(insert(deliveries).values(rows))

    def _mine(self) -> Any:
        planned = cast(callbacks.c.planned_transaction, Text).label("transaction")
        return select(callbacks.c.planned_id, planned).where(callbacks.c.party == self._party)


async def forget_deliveries(session: WriteSession, before: datetime) -> int:
    """Delivered ones, with their attempts; what was not delivered is kept."""
    old = select(deliveries.c.id).where(deliveries.c.state == "delivered", deliveries.c.ended_at < before).limit(_FORGOTTEN_AT_ONCE)
    gone = list((await session.execute(old)).scalars())
    await session.execute(delete(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(gone)))
    return (await session.execute(delete(deliveries).where(deliveries.c.id.in_(gone)))).rowcount


def _said(row: Row[Any]) -> str:
    """Ids and facts that are nobody's secret: whoever needs more reads the dossier."""
    said = {
        "number": CaseNumber(row.number),
        "revision": row.revision,
        "reason": row.reason,
        "status": row.status,
        "agency": row.agency,
        "division": row.division,
        "at": row.at.isoformat(),
    }
    return json.dumps({name: value for name, value in said.items() if value is not None})


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(Id(row.id), row.place, row.number, row.body, row.attempts, row.wanted_at)
