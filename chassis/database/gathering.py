"""Rows that are put one by one and written together.

A transaction that makes many of a kind, for one caller or for several, says so with `gathering`; what puts them need not
know. Outside of it a row is written as it is put.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Insert

from chassis.database.sessions import WriteSession

_PUT: Final = "tongban.put"

_Rows = dict[Insert, list[Mapping[str, Any]]]


async def put(session: WriteSession, statement: Insert, *rows: Mapping[str, Any]) -> None:
    """Insert rows. The `statement` is the same object for all of a kind, and answers nothing."""
    gathered: _Rows | None = session.info.get(_PUT)
    if gathered is not None:
        gathered.setdefault(statement, []).extend(rows)
    elif rows:
        await session.execute(statement, list(rows))


async def written(session: WriteSession) -> None:
    """Write what was put so far: for whoever reads or changes it in the same transaction."""
    rows: _Rows = session.info.get(_PUT, {})
    while rows:
        # Of tables that point at each other, the one that is pointed at was put first.
        statement = next(iter(rows))
        await session.execute(statement, rows.pop(statement))


@asynccontextmanager
async def gathering(session: WriteSession) -> AsyncIterator[None]:
    """What is put inside is written at the end, a statement for each kind. After a failure it is not written at all."""
    # The connection's, so that it is found without being handed on; and taken away again before another transaction has it.
    information = session.info
    information[_PUT] = {}
    try:
        yield
        await written(session)
    finally:
        del information[_PUT]
