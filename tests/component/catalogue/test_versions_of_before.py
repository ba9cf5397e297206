"""Versions of before drafts: they are in force since they were published, say what they said, and cannot be rewritten now."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.database import Database, migrate
from contracts.values import TaskCode
from services.catalogue.queries.matters import in_force
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, seed
from tests.support.clock import TODAY
from tests.support.postgres import _execute, apart, url_of

AGENCY = "INSERT INTO agencies (code, name, division, function) VALUES (:code, '示例·分局', '310101', '公安')"
MATTER = (
    "INSERT INTO matters (basic_code, version, digest, name, keywords, pinyin, initials, bigrams, themes) "
    "VALUES (:code, 3, ''::bytea, '犬', '犬', 'quan', 'q', '', '{}')"
)
VERSION = "INSERT INTO versions (basic_code, version, content, form_fields, published_at) VALUES (:code, :version, :content, '[]', :at)"


@pytest.fixture
def before(worker_id: str) -> Iterator[str]:
    """The address of a database as it was when implementations were codes and nothing had a day."""
    name = f"catalogue_before_{worker_id}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    _upgrade(url_of(name), "0001")
    yield url_of(name)
    apart(_execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))


def _upgrade(url: str, revision: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate.upgrade, "services.catalogue", url, revision).result()


async def test_versions_of_before_are_in_force_and_stay(before: str) -> None:
    (matter,) = seed(DOG)["matters"]
    content = matter | {"implementations": [DOG_IN_HUANGPU]}
    database = Database(before)
    async with database.transaction() as session:
        await session.execute(sa.text(AGENCY), {"code": DOG_IN_HUANGPU[:18]})
        await session.execute(sa.text(MATTER), {"code": DOG})
        for version in (1, 2, 3):
            row = {"code": DOG, "version": version, "content": json.dumps(content | {"visits": version}), "at": TODAY}
            await session.execute(sa.text(VERSION), row)
    await database.close()
    _upgrade(before, "head")
    database = Database(before)
    async with database.reading() as session:
        row, found = await in_force(session, TaskCode(DOG_IN_HUANGPU), TODAY)
        newest = (await session.execute(sa.text("SELECT newest FROM matters"))).scalar_one()
    assert (row.version, row.effective_at, found.visits, newest) == (3, TODAY, 3, 3)
    assert [each.task_code for each in found.implementations] == [DOG_IN_HUANGPU]
    with pytest.raises(DBAPIError, match="what is published never changes"):
        async with database.engine.begin() as connection:
            await connection.execute(sa.text("UPDATE versions SET content = '{}'"))
    await database.close()
