from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select

from chassis.database import ReadSession
from contracts.values import ConsentId, PersonId
from services.identity.tables import client_consents


class Consents:
    """What persons agreed that a client may know of them."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def given(self, person_id: PersonId, client_id: str) -> frozenset[str]:
        """All that the person agreed to and has not withdrawn."""
        mine = (client_consents.c.person_id == person_id) & (client_consents.c.client_id == client_id)
        rows = await self._session.execute(select(client_consents.c.scope).where(mine, client_consents.c.withdrawn_at.is_(None)))
        return frozenset(each for row in rows for each in row.scope.split())

    async def give(self, person_id: PersonId, client_id: str, scope: Iterable[str], at: datetime) -> None:
        row = {"id": ConsentId.new(), "person_id": person_id, "client_id": client_id, "scope": " ".join(sorted(scope)), "given_at": at}
        await self._session.execute(insert(client_consents).values(row))
