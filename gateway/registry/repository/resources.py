from typing import Any

from sqlalchemy import Row, select, update

from chassis.database import WriteSession
from contracts.values import OfficerId
from gateway.registry.domain.resources import NoSuchResource, Registered
from gateway.registry.tables import resources

_KEPT = ("grade", "sharing", "state", "deprecated_at", "sunset_at", "successor", "reason", "changed_by", "classified_by")


class Resources:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def locked(self, method: str, path: str) -> Registered:
        """Raises NoSuchResource."""
        query = select(resources).where(resources.c.method == method, resources.c.path == path).with_for_update()
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NoSuchResource
        return _registered(row)

    async def save(self, resource: Registered) -> None:
        wanted = {name: getattr(resource, name) for name in _KEPT}
        this = (resources.c.method == resource.method, resources.c.path == resource.path)
        await self._session.execute(update(resources).where(*this).values(wanted))


def _registered(row: Row[Any]) -> Registered:
    return Registered(
        method=row.method,
        path=row.path,
        permission=row.permission,
        grade=row.grade,
        sharing=row.sharing,
        state=row.state,
        deprecated_at=row.deprecated_at,
        sunset_at=row.sunset_at,
        successor=row.successor,
        reason=row.reason,
        changed_by=OfficerId.read(row.changed_by),
        classified_by=OfficerId.read(row.classified_by),
    )
