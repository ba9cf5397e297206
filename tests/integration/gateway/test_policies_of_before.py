"""A gateway that granted permissions by rows decides by text after the migration; its old records stay as they were."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.database import Database, migrate
from contracts.values import Id
from gateway.registry.bootstrap import load_policies
from gateway.registry.queries import explanations
from gateway.registry.queries.explanations import NoSuchDecision
from gateway.registry.snapshots import policies
from tests.support.clock import fixed_clock
from tests.support.postgres import _execute, apart, url_of

_DECISION = (
    "INSERT INTO decisions (request_id, at, method, path, route, status, party_kind, rooms, policy_version, upstream, duration_ms) "
    "VALUES (:id, :at, 'GET', '/matters', 'GET /matters', 200, 'app', '{\"authorisation\": \"granted\"}', 1, 'catalogue', 1.0)"
)


@pytest.fixture
def before(worker_id: str) -> Iterator[str]:
    """The address of a database as it was before policies were text."""
    name = f"gateway_before_{worker_id}"
    apart(_execute("postgres", f'CREATE DATABASE "{name}"'))
    _upgrade(url_of(name), "0004")
    yield url_of(name)
    apart(_execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))


def _upgrade(url: str, revision: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate.upgrade, "gateway.registry", url, revision).result()


async def test_after_the_migration_the_text_of_the_release_is_the_next_version(before: str) -> None:
    at, request = fixed_clock().now(), str(Id.new())
    database = Database(before)
    async with database.transaction() as session:
        await session.execute(sa.text("INSERT INTO policies VALUES ('app', 'matter:read', '', '')"))
        await session.execute(sa.text("INSERT INTO policy_versions (version, digest, loaded_at) VALUES (1, 'x', :at)"), {"at": at})
        await session.execute(sa.text(_DECISION), {"id": request, "at": at})
    await database.close()
    _upgrade(before, "head")
    database = Database(before)
    async with database.transaction() as session:
        await load_policies(session, at)
    async with database.reading() as session:
        assert policies.build(await policies.rows(session)).version == 2
        # What was decided before the chain of decisions stands beside it.
        kept = await session.execute(
            sa.text("SELECT policy_version, facts FROM unchained_decisions WHERE request_id = :id"), {"id": request}
        )
        assert [tuple(row) for row in kept] == [(1, None)]
        with pytest.raises(NoSuchDecision):
            await explanations.explanation(session, request, None)
    await database.close()
