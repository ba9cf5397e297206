"""What happened goes to the national platform in batches; what it does not take comes again."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, func, insert, select, update

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import BatchId, CaseId, OfficerId
from services.application.domain.exchange import Happened, NoSuchBatch, NotOfTheBatch, ReceiptIsThere, codes, records_of
from services.application.domain.lifecycle import Act, Status
from services.application.repository import Cases, rebuilt
from services.application.tables import exchange_batches, exchange_records, history

MOST: Final = 500
"""How many things that happened one batch tells of."""
_SETTLED: Final = timedelta(minutes=1)
_WINDOW: Final = 100_000
_BATCHES: Final = 0x65786368
"""Of the lock under which batches are made, one after the other."""


async def make_batch(session: WriteSession, sealer: Sealer, *, by: OfficerId, at: datetime) -> BatchId:
    """Everything that happened and is not told yet, and what was rejected, oldest first, at most `MOST` of it."""
    await session.execute(select(func.pg_advisory_xact_lock(_BATCHES)))
    batch = BatchId.new()
    await session.execute(insert(exchange_batches).values(id=batch, made_at=at, made_by=by))
    place = 0
    for row in await _untold(session, at):
        rows = await _rows(session, row, batch, sealer, at=at, place=place)
        place += len(rows)
        await session.execute(insert(exchange_records), rows)
    return batch


async def take_receipt(session: WriteSession, batch: BatchId, receipt: api.ExchangeReceipt, *, by: OfficerId, at: datetime) -> None:
    """Raises NoSuchBatch, ReceiptIsThere, NotOfTheBatch."""
    row = (await session.execute(select(exchange_batches).where(exchange_batches.c.id == batch).with_for_update())).one_or_none()
    if row is None:
        raise NoSuchBatch
    if row.receipt_at is not None:
        raise ReceiptIsThere
    mine = exchange_records.c.batch_id == batch
    known = set((await session.execute(select(exchange_records.c.guid).where(mine))).scalars())
    if foreign := sorted({each.row_guid for each in receipt.rejected} - known):
        raise NotOfTheBatch(records=foreign)
    await session.execute(update(exchange_records).where(mine).values(state="accepted"))
    for each in receipt.rejected:
        one = mine & (exchange_records.c.guid == each.row_guid)
        await session.execute(update(exchange_records).where(one).values(state="rejected", reason=each.reason))
    said = {"receipt_at": at, "receipt_by": by, "reference": receipt.reference}
    await session.execute(update(exchange_batches).where(exchange_batches.c.id == batch).values(said))


async def _untold(session: WriteSession, at: datetime) -> Sequence[Row[Any]]:
    """Ids are taken before commit: what is a minute old is looked for also behind what was told already."""
    told = exists().where(exchange_records.c.history_id == history.c.id)
    again = exists().where(exchange_records.c.history_id == history.c.id, exchange_records.c.state == "rejected")
    newest = select(func.coalesce(func.max(exchange_records.c.history_id), 0)).scalar_subquery()
    fresh = ~told & (history.c.id > newest - _WINDOW) & (history.c.at <= at - _SETTLED)
    query = select(history, again.label("again")).where(fresh | again).order_by(history.c.id).limit(MOST)
    return (await session.execute(query)).all()


async def _rows(session: WriteSession, row: Row[Any], batch: BatchId, sealer: Sealer, *, at: datetime, place: int) -> list[dict[str, Any]]:
    """The records of one thing that happened, of the case as it was just after it. Of what was told before, the rejected alone."""
    repository = Cases(session, sealer)
    case = await rebuilt(session, CaseId(row.case_id), up_to=row.id)
    what = Happened(
        row.id,
        Act(row.act),
        Status(row.from_status) if row.from_status else None,
        Status(row.to_status),
        row.by,
        row.officer,
        row.note,
        row.began_at,
        row.at,
    )
    rejected: set[str] = set()
    if row.again:
        mine = (exchange_records.c.history_id == row.id) & (exchange_records.c.state == "rejected")
        retold = update(exchange_records).where(mine).values(state="again").returning(exchange_records.c.guid)
        rejected = set((await session.execute(retold)).scalars())
    found = records_of(case, what, await repository.applicant(case), await repository.materials(case))
    stamp = {"data_source": codes()["data_source"], "cd_batch": batch, "cd_time": f"{at:%Y%m%dT%H%M%S}"}
    wanted = [record for record in found if not row.again or record.guid in rejected]
    operation = "U" if row.again else "I"
    return [
        {
            "batch_id": batch,
            "place": place + number,
            "guid": record.guid,
            "kind": record.kind,
            "case_id": case.id,
            "number": case.number,
            "history_id": row.id,
            "operation": operation,
            "columns": sealer.seal(
                json.dumps({"row_guid": record.guid, **record.columns, **stamp, "cd_operation": operation}, ensure_ascii=False)
            ),
            "state": "sent",
        }
        for number, record in enumerate(wanted)
    ]
