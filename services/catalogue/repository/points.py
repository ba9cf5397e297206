from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.api.catalogue import ServicePoint
from contracts.values import OfficerId, PartyId
from services.catalogue.repository.stored import readable
from services.catalogue.tables import divisions, service_point_changes, service_points

_ROWS_AT_ONCE = 500


class Points:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """One import at a time, so that each change is recorded against what it found."""
        await self._session.execute(select(func.pg_advisory_xact_lock(39555)))

    async def divisions(self) -> set[str]:
        return set((await self._session.execute(select(divisions.c.code))).scalars())

    async def all_by_code(self) -> dict[str, ServicePoint]:
        return await points_by_code(self._session)

    async def put(self, points: Sequence[ServicePoint]) -> None:
        for first in range(0, len(points), _ROWS_AT_ONCE):
            rows = [
                {
                    "code": each.code,
                    "kind": each.kind,
                    "division": each.division,
                    "longitude": each.longitude,
                    "latitude": each.latitude,
                    "content": each.model_dump(mode="json"),
                }
                for each in points[first : first + _ROWS_AT_ONCE]
            ]
            statement = upsert(service_points)
            said = {column.name: statement.excluded[column.name] for column in service_points.columns if column.name != "code"}
            await self._session.execute(statement.values(rows).on_conflict_do_update(index_elements=["code"], set_=said))

    async def remove(self, codes: Sequence[str]) -> None:
        await self._session.execute(delete(service_points).where(service_points.c.code.in_(codes)))

    async def record(
        self, changes: Sequence[tuple[ServicePoint | None, ServicePoint | None]], *, party: PartyId, officer: OfficerId | None, at: datetime
    ) -> None:
        """Who changed what: each a point before and after."""
        rows = [
            {
                "code": (after or before).code,  # type: ignore[union-attr] # one of the two is there
                "changed_at": at,
                "party": party,
                "officer": officer,
                "before": before and before.model_dump(mode="json"),
                "after": after and after.model_dump(mode="json"),
            }
            for before, after in changes
        ]
        if rows:
            await self._session.execute(insert(service_point_changes), rows)


async def points_by_code(session: ReadSession) -> dict[str, ServicePoint]:
    """All points that can be read."""
    rows = [(row.code, row.content) for row in await session.execute(select(service_points.c.code, service_points.c.content))]
    return dict(readable(ServicePoint, rows, table="service_points"))
