"""The same mesh on servers that are there already, by environment variables alone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from chassis.messaging.topics import qualified
from contracts.topics import SERVICES, all_topics
from deploy.local import postgres
from deploy.local.journey import story
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.local.ports import Ports
from deploy.local.running import NotStarted
from tests.support import kafka as brokers
from tests.support import run_wide
from tests.support.postgres import apart
from tests.support.whole_mesh import rows, takes, topics_of, without_viewer

_NAMESPACE = "elsewhere."


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PostgreSQL with six databases and a Kafka of somebody else's, named in the environment."""
    port = run_wide.postgres().port
    postgres.create_databases(port, run_wide.PASSWORD, dict.fromkeys(SERVICES, "secret"))
    for name in SERVICES:
        monkeypatch.setenv(f"{name.upper()}_DATABASE_URL", postgres.url(port, name, "secret"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", brokers.bootstrap_servers())
    monkeypatch.setenv("MESH_NAMESPACE", _NAMESPACE)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    yield
    apart(_forget(port))


async def _forget(port: int) -> None:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=run_wide.PASSWORD)
    for name in SERVICES:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.execute(f'DROP ROLE "{name}"')
    await connection.close()


async def test_a_mesh_on_existing_servers_works_and_leaves_them_running(elsewhere: None, person: Person, tmp_path: Path) -> None:
    mesh = Mesh(tmp_path / "mesh", Ports.free())
    try:
        await asyncio.to_thread(mesh.start, print)
        assert mesh.running().keys().isdisjoint({"postgres", "kafka", "zipkin"})
        assert all(mesh.running().values())
        # Through the gateway and over Kafka: a certificate and a rating come of events.
        outcome = await story.run(without_viewer(mesh), person=person)
        assert outcome.rating
        assert await topics_of(mesh) >= {qualified(_NAMESPACE, topic.name) for topic in all_topics()}
    finally:
        await asyncio.to_thread(mesh.stop)
    assert not [each for each in ("postgres", "kafka", "zipkin") if (mesh.folder / each).exists()]
    assert run_wide.kafka().is_alive()
    assert [tuple(each) for each in await rows(mesh, "rating", "SELECT case_number FROM tickets")] == [(outcome.case,)]


@pytest.mark.parametrize("named", ["KAFKA_BOOTSTRAP_SERVERS", "CATALOGUE_DATABASE_URL"])
def test_a_server_that_is_not_there_is_named_without_its_password(
    elsewhere: None, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "127.0.0.1:1"
    monkeypatch.setenv(named, nowhere if named.startswith("KAFKA") else f"postgresql+asyncpg://catalogue:secret@{nowhere}/catalogue")
    mesh = Mesh(tmp_path / "mesh", Ports.free())
    with pytest.raises(NotStarted, match=f"{nowhere}.* cannot be used: ") as refused:
        mesh.start(lambda _: None)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not mesh.is_up()


async def test_the_topics_are_those_of_the_contracts_and_no_others_come_by_themselves(mesh: Mesh) -> None:
    wanted = {topic.name for topic in all_topics()}
    assert {name for name in await topics_of(mesh) if not name.startswith("__")} == wanted
    assert not await takes(mesh, "mesh.misspelt.v1")
    assert {name for name in await topics_of(mesh) if not name.startswith("__")} == wanted
