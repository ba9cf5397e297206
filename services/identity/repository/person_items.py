from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import PersonId
from services.identity.tables import person_items


@dataclass(frozen=True, slots=True)
class Superseded:
    """A value that another took the place of."""

    item: str
    value: str
    source: str
    since: datetime
    until: datetime


class PersonItems:
    """What was known of a person before."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def keep(self, person_id: PersonId, *items: Superseded) -> None:
        for each in items:
            row = {"person_id": person_id, "item": each.item, "value": self._sealer.seal(each.value), "source": each.source}
            await self._session.execute(insert(person_items).values(row | {"since": each.since, "until": each.until}))

    async def since(self, person_id: PersonId, item: str, registered_at: datetime) -> datetime:
        """Since when the present value of an item stands."""
        query = select(person_items.c.until).where(person_items.c.person_id == person_id, person_items.c.item == item)
        return (await self._session.execute(query.order_by(person_items.c.id.desc()).limit(1))).scalar() or registered_at

    async def of(self, *person_ids: PersonId) -> list[Superseded]:
        """Oldest first."""
        rows = await self._session.execute(select(person_items).where(person_items.c.person_id.in_(person_ids)).order_by(person_items.c.id))
        return [Superseded(row.item, self._sealer.open(row.value), row.source, row.since, row.until) for row in rows]
