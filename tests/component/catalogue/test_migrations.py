from collections.abc import Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from chassis.database import Database
from services.catalogue.tables import metadata


def _difference(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_the_service_declares(database_of: Callable[[str], Database]) -> None:
    async with database_of("services.catalogue").engine.connect() as connection:
        assert await connection.run_sync(_difference) == []
