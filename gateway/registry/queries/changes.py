from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import Id
from gateway.registry.domain.changes import Change, NoSuchChange
from gateway.registry.repository import change_of
from gateway.registry.tables import changes

_PAGE = 100


def present(change: Change) -> api.Change:
    return api.Change(
        id=change.id,
        kind=change.kind,
        target=change.target,
        content=dict(change.content),
        reason=change.reason,
        state=change.state,
        proposed_by=change.proposed_by,
        proposed_at=change.proposed_at,
        reviewed_by=change.reviewed_by,
        reviewed_at=change.reviewed_at,
        note=change.note,
    )


async def change(session: ReadSession, change_id: Id) -> api.Change:
    """Raises NoSuchChange."""
    row = (await session.execute(select(changes).where(changes.c.id == change_id))).one_or_none()
    if row is None:
        raise NoSuchChange
    return present(change_of(row))


async def all_changes(session: ReadSession, *, state: str | None, target: str | None, after: Id | None) -> Page[api.Change]:
    """Oldest first, `after` an id of the page before."""
    query = select(changes).order_by(changes.c.id).limit(_PAGE + 1)
    if after:
        query = query.where(changes.c.id > after)
    for column, value in ((changes.c.state, state), (changes.c.target, target)):
        if value is not None:
            query = query.where(column == value)
    rows = (await session.execute(query)).all()
    return Page(items=[present(change_of(row)) for row in rows[:_PAGE]], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)
