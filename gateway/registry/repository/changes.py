from typing import Any

from sqlalchemy import Row, insert, select, update

from chassis.database import WriteSession
from contracts.values import Id, OfficerId
from gateway.registry.domain.changes import Change, NoSuchChange
from gateway.registry.tables import changes


class WritableChanges:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def locked(self, change_id: Id) -> Change:
        """Raises NoSuchChange."""
        row = (await self._session.execute(select(changes).where(changes.c.id == change_id).with_for_update())).one_or_none()
        if row is None:
            raise NoSuchChange
        return change_of(row)

    async def add(self, change: Change) -> None:
        await self._session.execute(insert(changes).values(_row(change)))

    async def save(self, change: Change) -> None:
        await self._session.execute(update(changes).where(changes.c.id == change.id).values(_row(change)))


def change_of(row: Row[Any]) -> Change:
    return Change(
        id=Id(row.id),
        kind=row.kind,
        target=row.target,
        content=row.content,
        reason=row.reason,
        proposed_by=OfficerId(row.proposed_by),
        proposed_at=row.proposed_at,
        state=row.state,
        reviewed_by=OfficerId(row.reviewed_by) if row.reviewed_by else None,
        reviewed_at=row.reviewed_at,
        note=row.note,
    )


def _row(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind,
        "target": change.target,
        "content": dict(change.content),
        "reason": change.reason,
        "state": change.state,
        "proposed_by": change.proposed_by,
        "proposed_at": change.proposed_at,
        "reviewed_by": change.reviewed_by,
        "reviewed_at": change.reviewed_at,
        "note": change.note,
    }
