"""Migrations: one Alembic history per database.

`python -m chassis.database.migrate services.rating gateway.registry` brings each named package's database to its
newest revision. The address comes from `<PREFIX>DATABASE_URL`, where the prefix is the service's name.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine


def service_name(package: str) -> str:
    """`services.rating` → `rating`, `gateway.registry` → `gateway`."""
    first, second = package.split(".")[:2]
    return second if first == "services" else first


def configuration(package: str, url: str, settings: Mapping[str, str] = os.environ) -> Config:
    """Alembic's configuration for the migrations of `package` against `url`. A migration finds `settings` in its attributes."""
    folder = Path(str(import_module(package).__file__)).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes |= {"url": url, "settings": settings}
    return config


def upgrade(package: str, url: str, revision: str = "head", *, settings: Mapping[str, str] = os.environ) -> None:
    command.upgrade(configuration(package, url, settings), revision)


def run(metadata: MetaData) -> None:
    """Called by each `migrations/env.py`: apply revisions over asyncpg, waiting at most two seconds for a lock."""
    asyncio.run(_run(metadata, context.config.attributes["url"]))


async def _run(metadata: MetaData, url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args={"timeout": 5, "server_settings": {"lock_timeout": "2000"}})
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
            await connection.commit()
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


def main(arguments: list[str]) -> None:
    for package in arguments:
        upgrade(package, os.environ[f"{service_name(package).upper()}_DATABASE_URL"])


if __name__ == "__main__":
    main(sys.argv[1:])
