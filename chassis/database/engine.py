"""The engine of a service's database and the two ways into it.

Every await on the network has a deadline here, because pool pre-pings hang with the connection they test.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.database.sessions import ReadSession, WriteSession
from chassis.errors import Conflict, Invalid, Unavailable
from chassis.settings import ServiceSettings

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_ANSWER_WITHIN_S: Final = 5
_FREE_WITHIN_S: Final = 2
_WORK_WITHIN_S: Final = 10
_SERVER_SETTINGS: Final = {
    "lock_timeout": "2000",
    "timezone": "UTC",
    "jit": "off",
}


class Database:
    """The database of one service.

    `patience` multiplies how long an answer, a connection that is free, and the next statement of a transaction are waited for: more than 1 where others share the machine
    and nothing is asked by anybody who would wait, as in tests.
    """

    def __init__(self, url: str, *, pool_size: int = 5, name: str = "tongban", patience: int = 1) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=_FREE_WITHIN_S * patience,
            pool_recycle=300,
            pool_use_lifo=True,
            connect_args={
                "timeout": _ANSWER_WITHIN_S * patience,
                "command_timeout": _ANSWER_WITHIN_S * patience,
                "server_settings": {
                    **_SERVER_SETTINGS,
                    "statement_timeout": str(_ANSWER_WITHIN_S * patience * 1000),
                    "idle_in_transaction_session_timeout": str(_WORK_WITHIN_S * patience * 1000),
                    "application_name": name,
                },
            },
        )
        event.listen(self.engine.sync_engine, "connect", _accept_identifiers)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def from_settings(cls, settings: ServiceSettings) -> Self:
        return cls(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size, name=settings.name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WriteSession]:
        """One transaction, committed when the block ends well and rolled back otherwise.

        Raises: Unavailable when the database cannot be reached in time, Conflict on a lost race (serialisation,
        lock or deadlock), Invalid on data that no column can hold.
        """
        async with _named_failures(), self.engine.begin() as connection:
            yield WriteSession(ReadSession(connection))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """Statements outside any transaction, for questions that one statement answers."""
        async with _named_failures(), self._autocommit.connect() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[WriteSession]:
        """One writing statement that is its own transaction, in one round trip where `transaction` needs three.

        Exactly one: of a second nothing would undo the first. Raises as `transaction` does.
        """
        async with _named_failures(), self._autocommit.connect() as connection:
            yield WriteSession(ReadSession(connection))

    async def is_ready(self) -> bool:
        try:
            async with self.reading() as session:
                await session.execute(text("SELECT 1"))
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()


# Classes of SQLSTATE that say of the server, not of the statement: no connection, no entry, no database, no room, going down.
_AWAY: Final = frozenset({"08", "28", "3D", "53", "57"})
_LOST_RACES: Final = frozenset({"40001", "40P01", "55P03"})


@asynccontextmanager
async def _named_failures() -> AsyncIterator[None]:
    try:
        yield
    except (PoolTimeout, TimeoutError, OSError, InterfaceError, OperationalError) as error:
        if _sqlstate(error) in _LOST_RACES:
            raise Conflict from error
        raise Unavailable from error
    except DBAPIError as error:
        state = _sqlstate(error)
        if state in _LOST_RACES:
            raise Conflict from error
        if state.startswith("22"):
            raise Invalid from error
        if error.connection_invalidated or state[:2] in _AWAY or state == "55000":
            raise Unavailable from error
        raise


def _sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _accept_identifiers(connection: Any, _record: object) -> None:
    """Let identifiers be bound as they are: asyncpg's own codec takes exactly `str`, not its subclasses."""
    connection.run_async(lambda asyncpg: asyncpg.set_type_codec("uuid", encoder=str, decoder=str, schema="pg_catalog", format="text"))
