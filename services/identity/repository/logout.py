from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from chassis.database import ReadSession
from contracts.values import Id, SessionId
from services.identity.domain.logout import DELIVERY_LEASE, Delivery
from services.identity.domain.sign_on import Session
from services.identity.tables import client_settings, clients, grants, logout_deliveries

_OF_A_CLIENT = 4


class LogoutDeliveries:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, ended: Session, at: datetime, *, grant_id: str | None = None) -> None:
        """One for each client that was granted something in the sign-on and wants to be told; of `grant_id` alone if named."""
        wanting = client_settings.c.backchannel_logout_uri.is_not(None) & (client_settings.c.client_id == grants.c.client_id)
        mine = (grants.c.session_id == ended.id) & ((grants.c.id == grant_id) if grant_id else True)
        found = await self._session.execute(select(grants.c.client_id).join(client_settings, wanting).where(mine).distinct())
        said = {"session_id": ended.id, "account": ended.account, "attempts": 0, "created_at": at, "due_at": at}
        rows = [{"id": Id.new(), "client_id": client_id, **said} for client_id in found.scalars()]
        if rows:
            await self._session.execute(insert(logout_deliveries), rows)

    async def claim(self, at: datetime, *, limit: int, besides: Collection[str] = ()) -> list[Delivery]:
        """Some that are due, for this process alone until the lease ends, of other clients than `besides`.

        A few of each client, so that one which hangs holds up nobody else. Those that nobody wants any more end here.
        """
        waiting = logout_deliveries.c.ended_at.is_(None) & (logout_deliveries.c.due_at <= at)
        turn = func.row_number().over(partition_by=logout_deliveries.c.client_id, order_by=logout_deliveries.c.due_at).label("turn")
        queue = select(logout_deliveries.c.id, turn).where(waiting, logout_deliveries.c.client_id.not_in(besides)).subquery()
        due = (
            select(logout_deliveries.c.id)
            .where(logout_deliveries.c.id.in_(select(queue.c.id).where(queue.c.turn <= _OF_A_CLIENT)), waiting)
            .order_by(logout_deliveries.c.due_at)
            .limit(limit)
        )
        claim = (
            update(logout_deliveries)
            .where(logout_deliveries.c.id.in_(due.with_for_update(skip_locked=True)))
            .values(attempts=logout_deliveries.c.attempts + 1, due_at=at + DELIVERY_LEASE)
        )
        rows = (await self._session.execute(claim.returning(logout_deliveries))).all()
        wanted = await self._wanted({row.client_id for row in rows})
        for row in rows:
            if row.client_id not in wanted:
                await self.end(row.id, "withdrawn", at)
        return [_delivery(row, wanted[row.client_id]) for row in rows if row.client_id in wanted]

    async def end(self, delivery_id: str, outcome: str, at: datetime) -> None:
        values = {"ended_at": at, "outcome": outcome}
        await self._session.execute(update(logout_deliveries).where(logout_deliveries.c.id == delivery_id).values(values))

    async def postpone(self, delivery_id: str, due_at: datetime) -> None:
        await self._session.execute(update(logout_deliveries).where(logout_deliveries.c.id == delivery_id).values(due_at=due_at))

    async def _wanted(self, client_ids: set[str]) -> dict[str, Any]:
        """Where active clients are told, and by which algorithm, as registered now."""
        settings = client_settings.c
        query = select(settings.client_id, settings.backchannel_logout_uri, settings.id_token_alg).join(
            clients, (clients.c.id == settings.client_id) & clients.c.is_active
        )
        known = settings.client_id.in_(client_ids) & settings.backchannel_logout_uri.is_not(None)
        return {row.client_id: row for row in await self._session.execute(query.where(known))}


def _delivery(row: Row[Any], wanted: Any) -> Delivery:
    return Delivery(
        id=Id(row.id),
        client_id=row.client_id,
        session_id=SessionId(row.session_id),
        account=row.account,
        uri=wanted.backchannel_logout_uri,
        algorithm=wanted.id_token_alg,
        attempt=row.attempts,
    )
