from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.api.gateway import sharing as api
from contracts.values import CreditCode, Id, OfficerId, PartyId
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.lists import NoSuchEntry
from gateway.registry.tables import demands, duties, negative_list


async def file_demand(
    session: WriteSession,
    said: api.FileDemand,
    *,
    demander: PartyId,
    demander_name: str,
    agency: CreditCode | None,
    by: OfficerId,
    at: datetime,
) -> Id:
    """需求清单."""
    demand_id = Id.new()
    who = {"id": demand_id, "demander": demander, "demander_name": demander_name, "agency": agency, "filed_by": by, "filed_at": at}
    await session.execute(insert(demands).values(**said.model_dump(), **who))
    return demand_id


async def withdraw_demand(session: WriteSession, demand_id: Id, *, demander: PartyId, at: datetime) -> None:
    """Raises NoSuchEntry, also for the demand of another."""
    mine = (demands.c.id == demand_id, demands.c.demander == demander, demands.c.withdrawn_at.is_(None))
    if (await session.execute(update(demands).where(*mine).values(withdrawn_at=at))).rowcount != 1:
        raise NoSuchEntry


async def assign_duty(session: WriteSession, said: api.AssignDuty, *, by: OfficerId, at: datetime) -> None:
    """责任清单. A later one takes the place of the one before."""
    await _put_duty(session, {**said.model_dump(), "since": at, "assigned_by": by})


async def take_duty(session: WriteSession, item: DataItem, *, at: datetime) -> None:
    """Whoever publishes an item has the duty to supply it."""
    duty = {
        "item": item.code,
        "supplier": item.owner,
        "supplier_name": item.owner_name,
        "update_cycle": item.update_cycle,
        "quality_owner": item.quality_owner,
        "basis": f"发布数据项 {item.code}",
        "due_on": None,
        "provenance": item.provenance,
        "source": item.source,
        "since": at,
        "assigned_by": item.reviewed_by,
    }
    await _put_duty(session, duty)


async def enter_negative(session: WriteSession, said: api.EnterNegative, *, by: OfficerId, at: datetime) -> None:
    """负面清单: in force at once, for every scene there is. An entry that is known is looked at again."""
    row = {**said.model_dump(), "entered_by": by, "entered_at": at}
    await session.execute(upsert(negative_list).values(row).on_conflict_do_update(index_elements=["item"], set_=row))


async def apply_change(session: WriteSession, content: api.LiftNegative, *, by: OfficerId, at: datetime) -> None:  # noqa: ARG001 (the shape of every applier)
    """What one officer proposed and another approved: the item may be shared again. Raises NoSuchEntry."""
    if (await session.execute(delete(negative_list).where(negative_list.c.item == content.item))).rowcount != 1:
        raise NoSuchEntry


async def _put_duty(session: WriteSession, row: dict[str, Any]) -> None:
    await session.execute(upsert(duties).values(row).on_conflict_do_update(index_elements=["item"], set_=row))
