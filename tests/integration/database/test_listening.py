"""What the database tells of is heard, and again after the way to it was lost."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from chassis.database import Database, listen
from tests.support.eventually import eventually
from tests.support.wires import wire


@dataclass
class Listener:
    heard: list[tuple[str, str]] = field(default_factory=list)
    began: int = 0
    ended: int = 0

    def begin(self) -> None:
        self.began += 1

    def end(self) -> None:
        self.ended += 1


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listener]:
    listener = Listener()
    channels = {name: lambda said, name=name: listener.heard.append((name, said)) for name in ("moves", "scopes")}
    task = asyncio.create_task(listen(url, channels, begun=listener.begin, ended=listener.end, asked_every_s=0.3, answers_within_s=0.5))
    try:
        await eventually(lambda: listener.began)
        yield listener
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert listener.ended == listener.began


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    return database_of("services.rating")


async def tell(database: Database, channel: str, said: str) -> None:
    async with database.transaction() as session:
        await session.execute(sa.select(sa.func.pg_notify(channel, said)))


async def test_each_channel_is_heard_by_its_own(database: Database) -> None:
    async with listening(database.url) as listener:
        for channel in ("moves", "nobody's", "scopes"):
            await tell(database, channel, f"of {channel}")
        await eventually(lambda: listener.heard == [("moves", "of moves"), ("scopes", "of scopes")])


async def test_a_connection_that_the_server_ends_is_made_anew(database: Database) -> None:
    async with listening(database.url) as listener:
        async with database.transaction() as session:
            of_here = "datname = current_database() AND query = 'SELECT' AND pid <> pg_backend_pid()"
            await session.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {of_here}"))
        await eventually(lambda: (listener.began, listener.ended) == (2, 1))
        await tell(database, "moves", "again")
        await eventually(lambda: listener.heard == [("moves", "again")])


async def test_a_way_that_swallows_everything_is_left(database: Database) -> None:
    async with (
        wire(int(database.url.rpartition(":")[2].partition("/")[0])) as between,
        listening(re.sub(r":[0-9]+/", f":{between.port}/", database.url)) as listener,
    ):
        between.swallow()
        await eventually(lambda: (listener.began, listener.ended) == (2, 1))
        await tell(database, "moves", "again")
        await eventually(lambda: listener.heard == [("moves", "again")])
