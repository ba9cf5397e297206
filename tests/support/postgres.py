"""Databases for tests: one template a service, migrated once a run, and a copy of it for each worker."""

import asyncio
import io
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, TypeVar

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.database import Database, migrate
from tests.support import run_wide

T = TypeVar("T")

_PATIENCE = 6
"""A machine that runs tests beside tests may stall for seconds, and no test is about how long PostgreSQL takes."""


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a thread of its own, whether or not the caller is inside an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def url_of(database: str) -> str:
    return f"postgresql+asyncpg://postgres:{run_wide.PASSWORD}@127.0.0.1:{run_wide.postgres().port}/{database}"


async def _connect(database: str) -> Any:
    return await asyncpg.connect(
        host="127.0.0.1", port=run_wide.postgres().port, user="postgres", password=run_wide.PASSWORD, database=database
    )


async def _execute(database: str, *statements: str) -> None:
    connection = await _connect(database)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def template_of(package: str) -> str:
    """The name of the migrated template of `services.x` or `gateway.registry`; made by the first who asks."""
    name = f"template_{migrate.service_name(package)}"
    done = run_wide.run_folder() / f"{name}.json"
    with run_wide.alone(name):
        if not done.exists():
            apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
            with ThreadPoolExecutor(1) as thread:
                thread.submit(migrate.upgrade, package, url_of(name)).result()
            done.write_text(json.dumps(asdict(apart(_untouched(name)))))
    return name


@dataclass(frozen=True, slots=True)
class Untouched:
    """What the migrations made and left empty; tables with reference data stay as they are between tests."""

    tables: list[str]
    sequences: dict[str, int]
    """With the number that each starts from."""


def untouched_of(package: str) -> Untouched:
    return Untouched(**json.loads((run_wide.run_folder() / f"{template_of(package)}.json").read_text()))


async def _untouched(database: str) -> Untouched:
    connection = await _connect(database)
    try:
        names = [
            row["name"]
            for row in await connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'alembic_version'"
            )
        ]
        tables = [name for name in names if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})")]
        unused = "SELECT format('%I.%I', schemaname, sequencename) AS name, start_value FROM pg_sequences WHERE last_value IS NULL"
        return Untouched(tables, {row["name"]: row["start_value"] for row in await connection.fetch(unused)})
    finally:
        await connection.close()


def copy_of(package: str, worker: str) -> str:
    """Create the worker's own database and answer its name."""
    template = template_of(package)
    name = f"{migrate.service_name(package)}_{worker}"
    # Copying needs the template without connections, so one copy at a time.
    with run_wide.alone(template):
        apart(_execute("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return name


class Copy:
    """A worker's own database of a package, and the one connection by which it is emptied: to open one costs more than emptying.

    `database` is the same for all tests, with every statement that it has compiled; a test closes its connections.
    """

    def __init__(self, package: str, worker: str) -> None:
        self._name = copy_of(package, worker)
        self._emptied = _emptied(untouched_of(package))
        self._loop = asyncio.new_event_loop()
        # Who asks is inside an event loop of his own.
        self._thread = ThreadPoolExecutor(1)
        self._connection: Any = None
        self.database = Database(url_of(self._name), patience=_PATIENCE)

    def empty(self) -> None:
        self._thread.submit(self._loop.run_until_complete, self._empty()).result()

    async def _empty(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await _connect(self._name)
        await self._connection.execute(self._emptied)

    def close(self) -> None:
        if self._connection is not None:
            self._thread.submit(self._loop.run_until_complete, self._connection.close()).result()
        self._thread.shutdown()
        self._loop.close()


def _emptied(untouched: Untouched) -> str:
    """The text, which is one transaction, that empties the tables, also those that refuse it: its role lets no trigger speak.

    Deleting the few rows of a test costs less than truncating every table, which makes each of its files anew, as restarting a
    sequence does. The lock waits, as truncating would, for whoever is still at work on a row.
    """
    locked = [f"LOCK TABLE {', '.join(untouched.tables)} IN ACCESS EXCLUSIVE MODE"] if untouched.tables else []
    deleted = [f"DELETE FROM {table}" for table in untouched.tables]
    restarted = [f"SELECT setval('{name}', {start}, false)" for name, start in untouched.sequences.items()]
    return "; ".join(["SET session_replication_role = replica", *locked, *deleted, *restarted])


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows of tables in PostgreSQL's own binary form, and where each sequence stands: (last value, whether it was given out)."""

    rows: dict[str, bytes]
    sequences: dict[str, tuple[int, bool]]


async def contents_of(database: str, tables: list[str]) -> Contents:
    connection = await _connect(database)
    try:
        rows = {}
        for table in tables:
            out = io.BytesIO()
            schema, name = table.split(".")
            await connection.copy_from_table(name, schema_name=schema, output=out, format="binary")
            rows[table] = out.getvalue()
        names = await connection.fetch("SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences")
        sequences = {}
        for row in names:
            stands = await connection.fetchrow(f"SELECT last_value, is_called FROM {row['name']}")
            sequences[row["name"]] = (stands["last_value"], stands["is_called"])
        return Contents(rows, sequences)
    finally:
        await connection.close()


async def refill(database: str, contents: Contents) -> None:
    """Put `contents` into a database of the same migrations whose tables are empty."""
    connection = await _connect(database)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in contents.rows.items():
                schema, name = table.split(".")
                await connection.copy_to_table(name, schema_name=schema, source=io.BytesIO(rows), format="binary")
            for name, (value, is_called) in contents.sequences.items():
                await connection.execute("SELECT setval($1::regclass, $2, $3)", name, value, is_called)
    finally:
        await connection.close()


def differences(package: str) -> list[Any]:
    """What Alembic would still have to change after the migrations of `package`, so that the database is as its tables say."""

    template = template_of(package)

    async def compare() -> list[Any]:
        engine = create_async_engine(url_of(template), poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_compared, import_module(f"{package}.tables").metadata)
        finally:
            await engine.dispose()

    # Copies of the template need it without connections.
    with run_wide.alone(template):
        return apart(compare())


def _compared(connection: Connection, metadata: MetaData) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))
