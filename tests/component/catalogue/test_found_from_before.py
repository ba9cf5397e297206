"""Matters that were published before there was an index are found without being published again."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database, migrate
from contracts.api.catalogue import FormField, Matter
from services.catalogue.domain.search.entries import Narrowed
from services.catalogue.queries.search import Finder
from services.catalogue.repository.search import entry_of
from tests.component.catalogue.conftest import DOG, seed
from tests.support.postgres import _execute, apart, url_of

_MATTER = """
INSERT INTO matters (basic_code, version, digest, name, keywords, pinyin, initials, bigrams, themes)
VALUES (:code, 1, '', :name, '', '', '', '', '{}')
"""
_VERSION = "INSERT INTO versions VALUES (:code, 1, CAST(:content AS jsonb), '[]', now())"
_AGENCY = "INSERT INTO agencies (code, name, division, function) VALUES (:code, :name, :division, :function)"


@pytest.fixture
def before(worker_id: str) -> Iterator[str]:
    """The address of a database as it was before the index."""
    name = f"catalogue_before_{worker_id}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    _upgrade(url_of(name), "0002")
    yield url_of(name)
    apart(_execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))


def _upgrade(url: str, revision: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate.upgrade, "services.catalogue", url, revision).result()


async def _fill(url: str, document: dict[str, Any]) -> None:
    (matter,) = document["matters"]
    said = {"code": matter["basic_code"], "name": matter["name"], "content": json.dumps(matter)}
    database = Database(url)
    async with database.transaction() as session:
        await session.execute(sa.text(_MATTER), said)
        await session.execute(sa.text(_VERSION), said)
        for agency in document["agencies"]:
            await session.execute(sa.text(_AGENCY), agency)
    await database.close()


async def test_a_matter_of_before_is_found_as_if_it_were_published_now(before: str) -> None:
    document = seed(DOG)
    document["matters"][0]["implementations"][0]["promised"] = {"working_days": 3, "provenance": "illustrative"}
    whole = Matter.model_validate_json(json.dumps(document["matters"][0]))
    document["matters"][0] = whole.model_dump(mode="json")
    await _fill(before, document)
    _upgrade(before, "head")
    database = Database(before)
    finder = Finder(database, 0)
    (hit,) = await finder.search("狗证", Narrowed())
    await database.close()
    dictionary = {each["name"]: FormField.model_validate_json(json.dumps(each)) for each in document["fields"]}
    assert hit.entry == entry_of(whole, [dictionary[name] for name in whole.form], {})
    assert finder.agency_name(hit.entry.places[0].task_code).startswith("示例·")
