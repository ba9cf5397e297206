"""One connection that the writer keeps for itself: taking one from the pool and giving it back costs more than a block."""

from typing import Any, Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.errors import Conflict, Invalid, Unavailable

_AWAY: Final = frozenset({"08", "28", "3D", "53", "55", "57"})
_LOST_RACES: Final = frozenset({"40001", "40P01", "55P03"})


class Line:
    """Opened by the first statement, and again by the first after a failure."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    async def execute(self, statement: str, *values: object) -> None:
        """One statement that is its own transaction.

        Raises as `Database.statement` does, and Conflict for what a constraint refuses.
        """
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
                self._driver = (await self._connection.get_raw_connection()).driver_connection
            await self._driver.execute(statement, *values)
        except asyncpg.PostgresError as error:
            state = str(error.sqlstate or "")
            if state in _LOST_RACES or state.startswith("23"):
                raise Conflict from error
            if state.startswith("22"):
                raise Invalid from error
            await self.close()
            if state[:2] in _AWAY:
                raise Unavailable from error
            raise
        except (asyncpg.InterfaceError, SQLAlchemyError, OSError, TimeoutError) as error:
            await self.close()
            raise Unavailable from error

    async def close(self) -> None:
        """Break the connection off: nothing of it is worth keeping."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
