"""A session that identity ends is not believed at the door, also not by a process that starts later."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer

from chassis.database import Database
from chassis.messaging.topics import qualified
from contracts.envelope import Envelope
from contracts.events.identity import SessionRevoked
from contracts.topics import TOPICS
from contracts.values import EventId, PersonId, SessionId
from tests.integration.gateway.door import Door, gateway, register
from tests.support.eventually import eventually

PERSON = PersonId.new()
PARTS = ("http", "ledger", "snapshots", "nonces", "keys", "broadcast")


async def revoke(kafka: str, namespace: str, session: SessionId) -> None:
    event = SessionRevoked(session_id=session, person_id=PERSON, revoked_at=datetime.now(UTC))
    headers = Envelope(EventId.new(), event.TYPE, event.VERSION, "identity", event.revoked_at, event.key(), None).to_headers()
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        topic = qualified(namespace, TOPICS["identity"].name)
        await producer.send_and_wait(topic, event.model_dump_json().encode(), key=event.key().encode(), headers=headers)


async def test_a_revoked_session_is_refused_by_running_and_by_new_processes(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, kafka: str, namespace: str
) -> None:
    database, session = database_of("gateway.registry"), SessionId.new()
    parties = await register(database)
    broker = {"kafka_bootstrap_servers": kafka, "mesh_namespace": namespace}

    async with gateway(database, tmp_path, upstream, parties=parties, parts=PARTS, **broker) as door:
        token = door.bearer(PERSON, session=session)
        assert (await door.call("GET", "/matters", token)).status_code == 200
        await revoke(kafka, namespace, session)
        await is_refused(door, token)
        assert (await door.call("GET", "/matters", door.bearer(PERSON))).status_code == 200
    async with gateway(database, tmp_path, upstream, parties=parties, parts=PARTS, **broker) as door:
        await is_refused(door, door.bearer(PERSON, session=session))


async def is_refused(door: Door, token: dict[str, str]) -> None:
    async def refused() -> bool:
        return (await door.call("GET", "/matters", token)).status_code == 401

    await eventually(refused, within=10)
