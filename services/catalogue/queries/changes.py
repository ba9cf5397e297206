from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.values import BasicCode
from services.catalogue.tables import changes

PAGE = 200


async def since(session: ReadSession, cursor: int) -> api.MatterChanges:
    """What was committed behind a place. Nothing can be committed before it any more: places are given out one by one."""
    query = select(changes).where(changes.c.place > cursor).order_by(changes.c.place).limit(PAGE + 1)
    rows = (await session.execute(query)).all()
    items = [
        api.MatterChange(
            cursor=str(row.place),
            basic_code=BasicCode(row.basic_code),
            version=row.version,
            kind=row.kind,
            from_at=row.from_at,
            at=row.at,
        )
        for row in rows[:PAGE]
    ]
    return api.MatterChanges(items=items, next=items[-1].cursor if items else str(cursor), is_last=len(rows) <= PAGE)
