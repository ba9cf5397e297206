from datetime import date

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import PartyId
from gateway.registry.tables import ledger_checkpoints, usage_counts

_PAGE = 100
_USAGE_PAGE = 1000


async def checkpoints(session: ReadSession, after: int) -> Page[api.Checkpoint]:
    table = ledger_checkpoints
    rows = (await session.execute(select(table).where(table.c.number > after).order_by(table.c.number).limit(_PAGE + 1))).all()
    items = [
        api.Checkpoint(
            number=row.number,
            previous=row.previous.hex(),
            at=row.at,
            hash=row.hash.hex(),
            body=row.body,
            signature=row.signature.hex(),
        )
        for row in rows[:_PAGE]
    ]
    return Page(items=items, next=str(items[-1].number) if len(rows) > _PAGE else None)


async def usage(session: ReadSession, party_id: PartyId, first: date, last: date, after: int) -> Page[api.Usage]:
    """By day, resource and environment, both days included; `after` is how many came before."""
    table = usage_counts
    query = (
        select(table)
        .where(table.c.party == party_id, table.c.day.between(first, last))
        .order_by(table.c.day, table.c.resource, table.c.environment)
        .offset(after)
        .limit(_USAGE_PAGE + 1)
    )
    rows = (await session.execute(query)).all()
    items = [
        api.Usage(
            day=row.day,
            resource=row.resource,
            environment=row.environment,
            requests=row.granted + row.refused,
            granted=row.granted,
            refused=row.refused,
            personal=row.personal,
        )
        for row in rows[:_USAGE_PAGE]
    ]
    return Page(items=items, next=str(after + _USAGE_PAGE) if len(rows) > _USAGE_PAGE else None)
