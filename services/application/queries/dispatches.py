from typing import Final

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, DivisionCode
from services.application.domain.case import Scope
from services.application.repository.dispatches import Place, following
from services.application.tables import dispatches

_PAGE: Final = 50


async def announced(session: ReadSession, number: CaseNumber) -> list[api.Announced]:
    """What the feed has of one case, for whomever, in its order."""
    query = select(dispatches).where(dispatches.c.number == number).order_by(dispatches.c.revision, dispatches.c.id)
    return [
        api.Announced(
            revision=row.revision,
            event=row.reason,
            division=DivisionCode.read(row.division),
            agency=CreditCode.read(row.agency),
            at=row.at,
        )
        for row in await session.execute(query)
    ]


async def feed(session: ReadSession, scope: Scope, *, after: Place) -> Page[api.Dispatch]:
    """`next` continues behind the last item, also of a short page."""
    rows = (await session.execute(following(scope, after, limit=_PAGE))).all()
    items = [
        api.Dispatch(
            cursor=f"{row.transaction}.{row.id}",
            number=CaseNumber(row.number),
            revision=row.revision,
            reason=row.reason,
            status=row.status,
            agency=CreditCode(row.agency) if row.agency else CaseNumber(row.number).task_code.agency,
            division=DivisionCode(row.division) if row.division else None,
            at=row.at,
        )
        for row in rows
    ]
    return Page(items=items, next=items[-1].cursor if items else None)
