from datetime import datetime

from sqlalchemy import or_, select

from chassis.database import ReadSession
from contracts.api.gateway import sharing as api
from contracts.values import CreditCode
from gateway.registry.domain.data_items import IN_USE, DataItem
from gateway.registry.repository.data_items import item_of
from gateway.registry.tables import data_items


def present(item: DataItem, *, with_address: bool) -> api.DataItem:
    """The address of a supplier's service is for the supplier and for operators."""
    said = {name: getattr(item, name) for name in api.DataItem.model_fields if name != "url"}
    return api.DataItem.model_validate({**said, "url": item.url if with_address else None})


async def items(session: ReadSession, *, agency: CreditCode | None, is_operator: bool, at: datetime) -> list[api.DataItem]:
    """Items in use; of one's own (operators: of everybody) also every other version."""
    query = select(data_items).order_by(data_items.c.code, data_items.c.version)
    if not is_operator:
        query = query.where(or_(data_items.c.state.in_(IN_USE), data_items.c.owner == agency))
    found = [item_of(row) for row in await session.execute(query)]
    shown = [each for each in found if is_operator or each.owner == agency or each.is_in_use(at)]
    return [present(each, with_address=is_operator or each.owner == agency) for each in shown]
