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

from chassis.database import migrate
from tests.support import run_wide

T = TypeVar("T")


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
    sequences: list[str]


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
        unused = "SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences WHERE last_value IS NULL"
        return Untouched(tables, [row["name"] for row in await connection.fetch(unused)])
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


def empty(database: str, untouched: Untouched) -> None:
    """Also tables that refuse it: this role lets no trigger speak.

    Deleting the few rows of a test costs less than truncating every table, which makes each of its files anew. The lock waits,
    as truncating would, for whoever is still at work on a row.
    """
    if untouched.tables:
        locked = f"LOCK TABLE {', '.join(untouched.tables)} IN ACCESS EXCLUSIVE MODE"
        emptied = [f"DELETE FROM {table}" for table in untouched.tables]
        restarted = [f"ALTER SEQUENCE {sequence} RESTART" for sequence in untouched.sequences]
        # One text is one transaction.
        apart(_execute(database, "; ".join(["SET session_replication_role = replica", locked, *emptied, *restarted])))


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
