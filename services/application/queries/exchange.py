import json
from typing import Any

from sqlalchemy import Row, Select, func, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import BatchId, CaseNumber, PersonId
from services.application.domain.exchange import NoSuchBatch
from services.application.tables import cases, exchange_batches, exchange_records

_PAGE = 200


async def batch(session: ReadSession, batch_id: BatchId) -> api.ExchangeBatch:
    """Raises NoSuchBatch."""
    row = (await session.execute(_batches().where(exchange_batches.c.id == batch_id))).one_or_none()
    if row is None:
        raise NoSuchBatch
    return _batch(row)


async def batches(session: ReadSession) -> list[api.ExchangeBatch]:
    """The newest, newest first."""
    query = _batches().order_by(exchange_batches.c.id.desc()).limit(_PAGE)
    return [_batch(row) for row in await session.execute(query)]


async def records(
    session: ReadSession, batch_id: BatchId, sealer: Sealer, *, after: int
) -> tuple[Page[api.ExchangeRecord], list[PersonId]]:
    """The records of a batch behind this place, and whose they are. Raises NoSuchBatch."""
    await batch(session, batch_id)
    query = (
        select(exchange_records, cases.c.person_id)
        .join(cases, cases.c.id == exchange_records.c.case_id)
        .where(exchange_records.c.batch_id == batch_id, exchange_records.c.place > after)
        .order_by(exchange_records.c.place)
        .limit(_PAGE + 1)
    )
    rows = (await session.execute(query)).all()
    items = [
        api.ExchangeRecord(
            row_guid=row.guid,
            kind=row.kind,
            number=CaseNumber(row.number),
            operation=row.operation,
            columns=json.loads(sealer.open(row.columns)),
            state="rejected" if row.state == "again" else row.state,
            reason=row.reason,
        )
        for row in rows[:_PAGE]
    ]
    persons = list(dict.fromkeys(PersonId(row.person_id) for row in rows[:_PAGE] if row.person_id))
    return Page(items=items, next=str(rows[_PAGE - 1].place) if len(rows) > _PAGE else None), persons


def _batches() -> Select[Any]:
    state = exchange_records.c.state
    counted = (
        func.count(exchange_records.c.place).label("records"),
        func.count().filter(state == "accepted").label("accepted"),
        func.count().filter(state.in_(("rejected", "again"))).label("rejected"),
    )
    joined = exchange_batches.outerjoin(exchange_records, exchange_records.c.batch_id == exchange_batches.c.id)
    return select(exchange_batches, *counted).select_from(joined).group_by(exchange_batches.c.id)


def _batch(row: Row[Any]) -> api.ExchangeBatch:
    return api.ExchangeBatch(
        batch_id=BatchId(row.id),
        made_at=row.made_at,
        records=row.records,
        accepted=row.accepted,
        rejected=row.rejected,
        receipt_at=row.receipt_at,
    )
