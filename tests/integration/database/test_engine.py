"""What the database may do to us, by its name: away for now, or never going to work."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chassis.database import Database
from chassis.errors import Conflict, Invalid, Unavailable
from deploy.local.running import free_port


@pytest.fixture
def database(database_of: Callable[[str], Database]) -> Database:
    return database_of("tests.support.ledger")


def elsewhere(known: Database, changes: dict[str, Any]) -> Database:
    return Database(make_url(known.url).set(**changes).render_as_string(hide_password=False))


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"database": "template0"}, {"database": "nowhere"}, {"port": 0}])
async def test_a_database_that_does_not_let_us_in_is_away(database: Database, changes: dict[str, Any]) -> None:
    away = elsewhere(database, {"port": free_port()} if "port" in changes else changes)
    with pytest.raises(Unavailable):
        async with away.reading() as session:
            await session.execute(sa.text("SELECT 1"))
    assert not await away.is_ready()
    await away.close()


async def test_a_lost_race_for_a_lock_is_a_conflict(database: Database) -> None:
    async with database.transaction() as first:
        await first.execute(sa.text("LOCK TABLE notes"))
        with pytest.raises(Conflict):
            async with database.transaction() as second:
                await second.execute(sa.text("LOCK TABLE notes NOWAIT"))


async def test_data_that_no_column_can_hold_is_invalid(database: Database) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as session:
            await session.execute(sa.text("SELECT CAST('x' AS integer)"))
