from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from chassis.http import Audience, Caller, Clock, Database, Once, Router, guard
from contracts.api.gateway import sharing as api
from contracts.permissions import Permission
from contracts.values import Grade
from gateway.registry.commands import data_items as commands
from gateway.registry.domain.data_items import ItemIsOfAnother
from gateway.registry.queries import data_items as queries
from gateway.registry.queries import scenes as counts
from gateway.registry.repository.data_items import DataItems
from gateway.registry.suppliers import Suppliers as AllSuppliers

router = Router()

OPERATOR = "operator"


async def _suppliers(request: Request) -> AllSuppliers:
    suppliers: AllSuppliers = request.app.state.suppliers
    return suppliers


Suppliers = Annotated[AllSuppliers, Depends(_suppliers)]
Code = Annotated[api.ItemCode, Path()]


@router.post("/data-items", status_code=201, response_model=api.DataItem, **guard(Permission.DATA_ITEM_PUBLISH, audience=Audience.OPERATOR))
async def publish(body: api.PublishItem, caller: Caller, clock: Clock, once: Once, suppliers: Suppliers) -> Response:
    """Offer a data item, or its next version. It is in use once an operator has reviewed it."""
    officer, agency = caller.required_officer(), caller.required_agency()

    async def work(session: Any) -> api.DataItem:
        item = await commands.publish(
            session,
            body,
            owner=agency,
            owner_name=caller.party_name,
            by=officer,
            at=clock.now(),
            may_be_loopback=suppliers.may_be_loopback,
        )
        return queries.present(item, with_address=True)

    return await once.answer(work, status=201)


@router.post("/data-items/{code}/review", **guard(Permission.DATA_ITEM_REVIEW, audience=Audience.OPERATOR))
async def review(code: Code, body: api.AnswerProposal, caller: Caller, database: Database, clock: Clock) -> api.DataItem:
    """Put the proposed version in use, in the place of the one before, or refuse it."""
    async with database.transaction() as session:
        item = await commands.review(session, code, body, by=caller.required_officer(), at=clock.now())
    return queries.present(item, with_address=True)


@router.post("/data-items/{code}/departure", **guard(Permission.DATA_ITEM_PUBLISH, audience=Audience.OPERATOR))
async def leave(code: Code, body: api.LeaveItem, caller: Caller, database: Database, clock: Clock) -> api.DataItem:
    """Announce the end of an item, or take it out of use at once. Its owner may, and operators."""
    caller.required_officer()
    is_operator = caller.party_kind == OPERATOR
    async with database.transaction() as session:
        item = await commands.leave(session, code, body, agency=caller.agency, is_operator=is_operator, at=clock.now())
    return queries.present(item, with_address=True)


@router.get("/data-items", **guard(Permission.DATA_ITEM_READ, audience=Audience.OPERATOR))
async def items(caller: Caller, database: Database, clock: Clock) -> list[api.DataItem]:
    """Items in use, and every version of one's own."""
    is_operator = caller.party_kind == OPERATOR
    async with database.reading() as session:
        return await queries.items(session, agency=caller.agency, is_operator=is_operator, at=clock.now())


@router.get("/data-items/{code}/usage", **guard(Permission.DATA_ITEM_READ, audience=Audience.OPERATOR))
async def usage(code: Code, caller: Caller, database: Database) -> list[api.CallsOfDay]:
    """Calls by day, newest first, for the item's owner and operators."""
    async with database.reading() as session:
        item = await DataItems(session).newest(code)
        if caller.party_kind != OPERATOR and item.owner != caller.agency:
            raise ItemIsOfAnother
        return await counts.calls_of_item(session, item)


@router.get("/data-items/keys", **guard(Permission.DATA_ITEM_READ, audience=Audience.OPERATOR, grade=Grade.PUBLIC))
async def keys(suppliers: Suppliers) -> dict[str, list[dict[str, Any]]]:
    """With which key the gateway signs its calls to suppliers (RFC 9421), as a key set (RFC 7517)."""
    return {"keys": [suppliers.public_key]}
