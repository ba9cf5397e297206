from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from contracts.events.gateway import PartyChanged
from services.identity.tables import assertions, clients


class Clients:
    """Parties as OAuth clients, as the gateway last told of them."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, client_id: str) -> Row[Any] | None:
        """Columns of `clients`, of an active one."""
        return (await self._session.execute(select(clients).where(clients.c.id == client_id, clients.c.is_active))).one_or_none()

    async def put(self, event: PartyChanged) -> None:
        row = {
            "id": event.party_id,
            "name": event.name,
            "kind": event.kind,
            "is_active": event.status == "active",
            "jwks": list(event.jwks),
            "redirect_uris": list(event.redirect_uris),
            "agency": event.agency,
            "changed_at": event.changed_at,
        }
        statement = upsert(clients).values(row)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=row, where=clients.c.changed_at < event.changed_at)
        )

    async def is_first_use(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """True once per assertion."""
        row = {"client_id": client_id, "jti": jti, "expires_at": expires_at}
        inserted = await self._session.execute(upsert(assertions).values(row).on_conflict_do_nothing())
        return inserted.rowcount == 1
