"""The tables are what the migrations make."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from chassis.database import Database
from services.identity.tables import metadata


async def test_tables_and_migrations_agree(database_of: Callable[[str], Database]) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database_of("services.identity").engine.connect() as connection:
        assert await connection.run_sync(differences) == []
