"""Brings every row under the current key, a few at a time, beside a service that goes on working."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Delete, MetaData, Row, Update, delete, func, literal, or_, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError

from chassis.database import Database, WriteSession
from chassis.errors import Conflict
from chassis.sealing.columns import SealedTable, sealed_tables
from chassis.sealing.sealer import PREFIX_BYTES, Sealer

log = structlog.get_logger()

_PAGE: Final = 500
_BATCH_ROWS: Final = 50
_BATCH_BYTES: Final = 4 << 20
_WALKS: Final = 20
_BETWEEN_WALKS_S: Final = 0.5
_POLL_S: Final = 0.2
# What tables that refuse every change ask for: that what is sealed in them stands under another key afterwards is none.
_SAY_SO: Final = text("SELECT set_config('chassis.resealing', 'on', true)")


class NotResealed(Exception):
    """Rows stand under an older key and stay there; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Walk:
    resealed: int
    left: int


async def reseal(database: Database, metadata: MetaData, sealer: Sealer, *, rest: float = 1.0) -> dict[str, int]:
    """Until no row stands under another key than the current one; how many were brought over, by table.

    After each batch it rests `rest` times as long as that took: with 1.0 it uses at most half of one connection's time.
    May be ended at any moment and begun again, and may run twice at once. Raises NotResealed.
    """
    done: dict[str, int] = {}
    for table in sealed_tables(metadata):
        done[table.table.name] = await _resealed(database, table, sealer, rest)
    return done


async def _resealed(database: Database, table: SealedTable, sealer: Sealer, rest: float) -> int:
    done, idle = 0, 0
    while idle < _WALKS:
        walk = await _walk(database, table, sealer, rest)
        done += walk.resealed
        if not walk.left and not walk.resealed:
            return done
        idle = 0 if walk.resealed else idle + 1
        if walk.left:
            # Somebody is at work in those rows.
            await asyncio.sleep(_BETWEEN_WALKS_S)
    raise NotResealed(f"{table.table.name}: {walk.left} rows cannot be brought under the current key; the log says why")


async def _walk(database: Database, table: SealedTable, sealer: Sealer, rest: float) -> Walk:
    """Once through the table by its primary key. Rows that others hold now are left for the next walk."""
    resealed = seen = 0
    after: Sequence[Any] | None = None
    while True:
        started = monotonic()
        page = await _page(database, table, sealer.prefix(), after)
        stale = [row for row in page if row.is_stale]
        for batch in _batches(stale):
            resealed += await _batch(database, table, sealer, batch)
            await asyncio.sleep((monotonic() - started) * rest)
            started = monotonic()
        seen += len(stale)
        if stale:
            log.info("resealing", table=table.table.name, resealed=resealed, left=seen - resealed)
        if len(page) < _PAGE:
            return Walk(resealed, seen - resealed)
        after = _key(page[-1])


async def _page(database: Database, table: SealedTable, prefix: bytes, after: Sequence[Any] | None) -> Sequence[Any]:
    """The next rows by key, stale or not, so that no statement walks further than a page; what is sealed stays where it is."""
    size = sum((func.coalesce(func.octet_length(column), 0) for column in table.columns), start=literal(0))
    named = [column.label(f"key_{number}") for number, column in enumerate(table.key)]
    query = select(*named, _stale(table, prefix).label("is_stale"), size.label("size_bytes")).order_by(*table.key).limit(_PAGE)
    if after:
        query = query.where(tuple_(*table.key) > _tuple(table, after))
    async with database.reading() as session:
        return (await session.execute(query)).all()


def _stale(table: SealedTable, prefix: bytes) -> ColumnElement[bool]:
    return or_(*(func.coalesce(func.substring(column, 1, PREFIX_BYTES) != prefix, False) for column in table.columns))


def _tuple(table: SealedTable, key: Sequence[Any]) -> Any:
    return tuple_(*(literal(value, column.type) for value, column in zip(key, table.key, strict=True)))


def _key(row: Row[Any]) -> Sequence[Any]:
    return tuple(row)[:-2]


def _batches(stale: Sequence[Row[Any]]) -> Iterator[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    size = 0
    for row in stale:
        if batch and (len(batch) == _BATCH_ROWS or size + row.size_bytes > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(_key(row))
        size += row.size_bytes
    if batch:
        yield batch


async def _batch(database: Database, table: SealedTable, sealer: Sealer, keys: Sequence[Sequence[Any]]) -> int:
    try:
        async with database.transaction() as session:
            return await _reseal_rows(session, table, sealer, keys)
    except (Conflict, IntegrityError) as error:
        if len(keys) > 1:
            # One row in the way does not hold up its neighbours.
            return sum([await _batch(database, table, sealer, [key]) for key in keys])
        log.warning("row_not_resealed", table=table.table.name, reason=type(error.__cause__ or error).__name__)
        return 0


async def _reseal_rows(session: WriteSession, table: SealedTable, sealer: Sealer, keys: Sequence[Sequence[Any]]) -> int:
    """Whoever holds a row is not waited for: nobody can wait for us in turn, and a request never loses a deadlock to us."""
    chosen = tuple_(*table.key).in_([_tuple(table, key) for key in keys])
    named = [column.label(f"key_{number}") for number, column in enumerate(table.key)]
    query = select(*named, *table.columns).where(chosen, _stale(table, sealer.prefix())).with_for_update(skip_locked=True)
    done = 0
    await session.execute(_SAY_SO)
    for row in (await session.execute(query)).all():
        held = dict(zip(table.columns, row[len(named) :], strict=True))
        this = tuple_(*table.key) == _tuple(table, row[: len(named)])
        try:
            await session.execute(_freshened(table, sealer, held, this))
            done += 1
        except ValueError as error:
            log.warning("row_not_resealed", table=table.table.name, reason=str(error))
    return done


def _freshened(table: SealedTable, sealer: Sealer, held: dict[Any, bytes | None], this: ColumnElement[bool]) -> Update | Delete:
    """What brings this row under the current key. Raises ValueError."""
    prefix = sealer.prefix()
    if any(value is not None and value[:PREFIX_BYTES] != prefix for column in table.alone if (value := held[column])):
        return delete(table.table).where(this)
    return update(table.table).where(this).values(_fresh(table, sealer, held))


def _fresh(table: SealedTable, sealer: Sealer, held: dict[Any, bytes | None]) -> dict[str, bytes]:
    """Raises ValueError."""
    opened = {column: sealer.open_bytes(value) for column in table.sealed if (value := held[column]) is not None}
    fresh = {column.name: sealer.seal_bytes(data) for column, data in opened.items()}
    for lookup, of in table.lookups:
        if held[lookup] is None:
            continue
        if of not in opened:
            raise ValueError(f"{lookup.name} stands without the text of {of.name}")
        fresh[lookup.name] = sealer.lookup(opened[of].decode())
    return fresh


async def settled(database: Database, *, within_s: float) -> None:
    """Return when every transaction has ended that began before now: it may have computed its values under an older key.

    The database's role must be the service's own: of other roles' transactions PostgreSQL tells nothing.
    Raises NotResealed.
    """
    running = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < :moment"
    )
    async with database.reading() as session:
        moment = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
        deadline = monotonic() + within_s
        while (await session.execute(running, {"moment": moment})).scalar_one():
            if monotonic() > deadline:
                raise NotResealed("transactions that began before the new key was current are still running")
            await asyncio.sleep(_POLL_S)
