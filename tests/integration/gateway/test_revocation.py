"""What identity ends is not believed at the door, also not by a process that starts later."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer

from chassis.database import Database
from chassis.messaging.topics import qualified
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.identity import MandateRevoked, SessionRevoked
from contracts.topics import TOPICS
from contracts.values import EventId, MandateId, PersonId, SessionId
from tests.integration.gateway.door import Door, gateway, register
from tests.support.eventually import eventually

PERSON = PersonId.new()
PARTS = ("http", "ledger", "snapshots", "nonces", "keys", "broadcast")


async def publish(kafka: str, namespace: str, event: Event) -> None:
    headers = Envelope(EventId.new(), event.TYPE, event.VERSION, "identity", datetime.now(UTC), event.key(), None).to_headers()
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
        await publish(kafka, namespace, SessionRevoked(session_id=session, person_id=PERSON, revoked_at=datetime.now(UTC)))
        await is_refused(door, token, within=5)
        assert (await door.call("GET", "/matters", door.bearer(PERSON))).status_code == 200
    async with gateway(database, tmp_path, upstream, parties=parties, parts=PARTS, **broker) as door:
        await is_refused(door, door.bearer(PERSON, session=session))


async def test_a_revoked_mandate_ends_its_tokens_and_leaves_the_sign_on_alone(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, kafka: str, namespace: str
) -> None:
    database, session, actor = database_of("gateway.registry"), SessionId.new(), PersonId.new()
    mandates = [MandateId.new(), MandateId.new()]
    parties = await register(database)
    broker = {"kafka_bootstrap_servers": kafka, "mesh_namespace": namespace}

    async with gateway(database, tmp_path, upstream, parties=parties, parts=PARTS, **broker) as door:
        acting, other = [
            door.bearer(PERSON, session=session, act={"sub": actor}, mandate={"id": each, "until": 2**33, "matters": []})
            for each in mandates
        ]
        own = door.bearer(actor, session=session)
        for token in (acting, other, own):
            assert (await door.call("GET", "/matters", token)).status_code == 200
        await publish(kafka, namespace, MandateRevoked(mandate_id=mandates[0], revoked_at=datetime.now(UTC)))
        await is_refused(door, acting, within=5)
        for token in (other, own):
            assert (await door.call("GET", "/matters", token)).status_code == 200


async def test_a_token_ends_when_its_mandate_does(door: Door) -> None:
    """Also where its own life would be longer."""
    now = int(time.time())
    ended, running = [
        door.bearer(PERSON, act={"sub": PersonId.new()}, mandate={"id": MandateId.new(), "until": until, "matters": []})
        for until in (now, now + 60)
    ]
    assert (await door.call("GET", "/matters", ended)).status_code == 401
    assert (await door.call("GET", "/matters", running)).status_code == 200


async def test_what_is_for_the_person_alone_no_mandate_reaches(door: Door) -> None:
    token = door.bearer(PERSON, act={"sub": PersonId.new()}, mandate={"id": MandateId.new(), "until": 2**33, "matters": []})
    refused = await door.call("GET", "/persons/me", token)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-by-mandate")


async def is_refused(door: Door, token: dict[str, str], *, within: float = 10) -> None:
    async def refused() -> bool:
        return (await door.call("GET", "/matters", token)).status_code == 401

    await eventually(refused, within=within)
