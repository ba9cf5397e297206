"""What goes to the national platform: in batches, with receipts."""

from typing import Annotated

from fastapi import Path, Query, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import BatchId, Grade
from services.application.commands import exchange
from services.application.queries import exchange as queries

router = Router()

_EXPORT = guard(Permission.EXCHANGE_EXPORT, audience=Audience.OPERATOR, grade=Grade.SENSITIVE)
Batch = Annotated[BatchId, Path()]


@router.post("/exchange-batches", status_code=201, response_model=api.ExchangeBatch, **_EXPORT)
async def make(caller: Caller, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Put everything that happened and was not told, and what was rejected, into the next batch."""

    async def work(session: WriteSession) -> api.ExchangeBatch:
        made = await exchange.make_batch(session, sealer, by=caller.required_officer(), at=clock.now())
        return await queries.batch(session, made)

    return await once.answer(work, status=201)


@router.get("/exchange-batches", **_EXPORT)
async def batches(database: Database) -> list[api.ExchangeBatch]:
    """The newest batches, with what became of them."""
    async with database.reading() as session:
        return await queries.batches(session)


@router.get("/exchange-batches/{batch_id}/records", **_EXPORT)
async def records(
    batch_id: Batch, database: Database, sealer: Sealer, response: Response, after: Annotated[int, Query(ge=-1, le=10**9)] = -1
) -> Page[api.ExchangeRecord]:
    """The records of a batch, in the order in which things happened."""
    async with database.reading() as session:
        found, persons = await queries.records(session, batch_id, sealer, after=after)
    if persons:
        disclose(response, subjects=persons, purpose=f"国家平台交换 exchange {batch_id}", grade=Grade.SENSITIVE, items=("办件 case",))
    return found


@router.post("/exchange-batches/{batch_id}/receipt", response_model=api.ExchangeBatch, **_EXPORT)
async def receipt(batch_id: Batch, body: api.ExchangeReceipt, caller: Caller, clock: Clock, once: Once) -> Response:
    """回执: say which records the platform did not take."""

    async def work(session: WriteSession) -> api.ExchangeBatch:
        await exchange.take_receipt(session, batch_id, body, by=caller.required_officer(), at=clock.now())
        return await queries.batch(session, batch_id)

    return await once.answer(work)
