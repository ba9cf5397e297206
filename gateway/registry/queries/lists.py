from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, true

from chassis.database import ReadSession
from chassis.working_days import local_day
from contracts.api.gateway import sharing as api
from contracts.strict import Page
from contracts.values import Id
from gateway.registry.domain.data_items import IN_USE, DataItem
from gateway.registry.domain.lists import NoSuchEntry
from gateway.registry.repository.data_items import item_of
from gateway.registry.tables import certificate_types, data_items, demands, duties, negative_list, scenes

_PAGE = 100
_CHANNEL = "数据调用接口 data calls"


async def all_demands(session: ReadSession, *, only_open: bool, after: Id | None) -> Page[api.Demand]:
    """需求清单, oldest first. Open are those for whose item nobody has the duty."""
    query = _demands().order_by(demands.c.id).limit(_PAGE + 1)
    if only_open:
        query = query.where(duties.c.item.is_(None), demands.c.withdrawn_at.is_(None))
    if after is not None:
        query = query.where(demands.c.id > after)
    found = [_demand(row) for row in await session.execute(query)]
    return Page(items=found[:_PAGE], next=found[_PAGE - 1].id if len(found) > _PAGE else None)


async def demand(session: ReadSession, demand_id: Id) -> api.Demand:
    """Raises NoSuchEntry."""
    row = (await session.execute(_demands().where(demands.c.id == demand_id))).one_or_none()
    if row is None:
        raise NoSuchEntry
    return _demand(row)


def _demands() -> Select[Any]:
    return select(demands, duties.c.item.is_(None).label("nobody")).outerjoin(duties, duties.c.item == demands.c.item)


async def all_duties(session: ReadSession) -> list[api.Duty]:
    """责任清单."""
    in_use = select(data_items.c.code).where(data_items.c.state.in_(IN_USE))
    query = select(duties, duties.c.item.in_(in_use).label("is_met")).order_by(duties.c.item)
    return [api.Duty.model_validate(row._asdict()) for row in await session.execute(query)]


async def all_negative(session: ReadSession, *, at: datetime) -> list[api.Negative]:
    """负面清单."""
    rows = await session.execute(select(negative_list).order_by(negative_list.c.item))
    return [api.Negative.model_validate({**row._asdict(), "is_review_due": row.review_on <= local_day(at)}) for row in rows]


async def catalogue(session: ReadSession, *, at: datetime) -> list[api.CatalogueEntry]:
    """公共数据资源目录, made of what is registered and of the three lists. Source: GB/T 39046-2020 table 16."""
    matters = _grouped((row.item, row.matter) for row in await session.execute(_current_demands()))
    names = await _scenes_of(session, local_day(at))
    negative = {row.item for row in await session.execute(select(negative_list.c.item))}
    rows = await session.execute(select(data_items).where(data_items.c.state.in_(IN_USE)).order_by(data_items.c.code))
    items = [item for item in map(item_of, rows) if item.is_in_use(at)]
    has_not_left = (certificate_types.c.state != "retired", func.coalesce(certificate_types.c.sunset_at > at, true()))
    kinds = await session.execute(select(certificate_types).where(*has_not_left).order_by(certificate_types.c.code))
    return [
        *(_of_item(item, matters[item.code], names[item.code], is_refused=item.code in negative) for item in items),
        *(_of_type(row, names[row.code]) for row in kinds),
    ]


def _current_demands() -> Any:
    return select(demands.c.item, demands.c.matter).where(demands.c.withdrawn_at.is_(None)).order_by(demands.c.matter)


async def _scenes_of(session: ReadSession, day: date) -> dict[str, list[str]]:
    """Names of the scenes in force, by item and certificate type."""
    current = (scenes.c.state == "approved", scenes.c.valid_to >= day)
    rows = (
        await session.execute(select(scenes.c.name, scenes.c["items"], scenes.c.certificate_types).where(*current).order_by(scenes.c.name))
    ).all()
    pairs = [(code, row.name) for row in rows for code in (*(each["item"] for each in row.items), *row.certificate_types)]
    return _grouped(pairs)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        if value not in found[key]:
            found[key].append(value)
    return found


def _demand(row: Row[Any]) -> api.Demand:
    return api.Demand.model_validate({**row._asdict(), "is_open": row.nobody and row.withdrawn_at is None})


def _of_item(item: DataItem, matters: list[str], names: list[str], *, is_refused: bool) -> api.CatalogueEntry:
    said = {
        "kind": "data-item",
        **{name: getattr(item, name) for name in _SHARED},
        "matters": matters,
        "is_certificate": False,
        "scenes": names,
        "supplier": item.owner_name,
        "channel": _CHANNEL,
        "is_refused_by_list": is_refused,
    }
    return api.CatalogueEntry.model_validate(said)


_SHARED = (
    "code", "name", "en", "result_name", "summary", "domain", "update_cycle", "level", "grade", "sharing", "modes", "version",
    "state", "provenance",
)  # fmt: skip


def _of_type(row: Row[Any], names: list[str]) -> api.CatalogueEntry:
    said = {
        "kind": "certificate-type",
        **{name: getattr(row, name) for name in ("code", "name", "en", "grade", "sharing", "version", "state", "provenance")},
        "matters": [],
        "result_name": row.name,
        "is_certificate": True,
        "scenes": names,
        "supplier": row.issuer_function,
        "summary": row.name,
        "channel": "电子证照 certificates",
        "domain": row.issuer_function,
        "update_cycle": "实时 at once",
        "modes": ["verify"],
        "is_refused_by_list": False,
    }
    return api.CatalogueEntry.model_validate(said)
