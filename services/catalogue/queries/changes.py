from typing import Any

from sqlalchemy import Select, select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.values import BasicCode
from services.catalogue.tables import changes

PAGE = 200


def _behind(cursor: int) -> Select[Any]:
    return select(changes).where(changes.c.place > cursor).order_by(changes.c.place).limit(PAGE + 1)


async def since(session: ReadSession, cursor: int) -> api.MatterChanges:
    """What was committed behind a place. Nothing can be committed before it any more: places are given out one by one."""
    rows = (await session.execute(_behind(cursor).where(changes.c.basic_code.is_not(None)))).all()
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


async def of_everything(session: ReadSession, cursor: int) -> api.CatalogueChanges:
    """The same of matters and packages, in the one order in which both were committed."""
    rows = (await session.execute(_behind(cursor))).all()
    items = [
        api.CatalogueChange(
            cursor=str(row.place),
            about="matter" if row.package is None else "package",
            code=row.basic_code or row.package,
            version=row.version,
            kind=row.kind,
            from_at=row.from_at,
            at=row.at,
        )
        for row in rows[:PAGE]
    ]
    return api.CatalogueChanges(items=items, next=items[-1].cursor if items else str(cursor), is_last=len(rows) <= PAGE)
