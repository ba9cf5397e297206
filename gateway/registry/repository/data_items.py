from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from chassis.database import ReadSession, WriteSession
from contracts.values import CreditCode, OfficerId
from gateway.registry.domain.data_items import IN_USE, DataItem, NoSuchItem
from gateway.registry.tables import data_items, negative_list


class DataItems:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def in_use(self, code: str, *, lock: bool = False) -> DataItem | None:
        query = select(data_items).where(data_items.c.code == code, data_items.c.state.in_(IN_USE))
        return await self._one(query.with_for_update() if lock else query)

    async def all_in_use(self, codes: Iterable[str]) -> dict[str, DataItem]:
        query = select(data_items).where(data_items.c.code.in_(list(codes)), data_items.c.state.in_(IN_USE))
        return {item.code: item for item in map(item_of, await self._session.execute(query))}

    async def find_newest(self, code: str) -> DataItem | None:
        return await self._one(select(data_items).where(data_items.c.code == code).order_by(data_items.c.version.desc()).limit(1))

    async def newest(self, code: str) -> DataItem:
        """Raises NoSuchItem."""
        found = await self.find_newest(code)
        if found is None:
            raise NoSuchItem
        return found

    async def negative(self, codes: Iterable[str]) -> frozenset[str]:
        """Which of these are on the negative list."""
        rows = await self._session.execute(select(negative_list.c.item).where(negative_list.c.item.in_(list(codes))))
        return frozenset(row.item for row in rows)

    async def _one(self, query: Any) -> DataItem | None:
        row = (await self._session.execute(query)).one_or_none()
        return item_of(row) if row is not None else None


class WritableDataItems(DataItems):
    def __init__(self, session: WriteSession) -> None:
        super().__init__(session)

    async def lock(self, code: str) -> None:
        """One change of an item at a time, also of one that is not there yet."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"data-item:{code}", 0))))

    async def add(self, item: DataItem) -> None:
        await self._session.execute(insert(data_items).values(_row(item)))

    async def save(self, item: DataItem) -> None:
        this = (data_items.c.code == item.code, data_items.c.version == item.version)
        await self._session.execute(update(data_items).where(*this).values(_row(item)))


def item_of(row: Row[Any]) -> DataItem:
    said = row._asdict() | {"fields": tuple(row.fields), "modes": tuple(row.modes), "owner": CreditCode(row.owner)}
    said |= {name: OfficerId.read(said[name]) for name in ("published_by", "reviewed_by")}
    said.pop("grade")
    return DataItem(**said)


def _row(item: DataItem) -> dict[str, Any]:
    return {**asdict(item), "fields": list(item.fields), "modes": list(item.modes), "grade": item.grade}
