"""A record that nobody can handle is set aside with its reason, and what stands behind it flows."""

from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer, ConsumerRecord

from chassis.messaging.dead_letters import HANDLER, REASON
from contracts.envelope import Envelope
from contracts.topics import TOPICS
from contracts.values import EventId
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.journey.parties import OFFICERS
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import records, visiting

_TOPIC = TOPICS["application"]
_SECRET = "310101199001011234"


async def test_a_poisonous_record_is_set_aside_with_its_reason_and_the_rest_flows(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    poison = Envelope(EventId.new(), "case.granted", 1, "application", datetime.now(UTC), "poison")
    async with AIOKafkaProducer(bootstrap_servers=mesh.kafka_servers) as producer:
        for partition in range(_TOPIC.partitions):
            await producer.send_and_wait(_TOPIC.name, b"\xff", key=b"garbage", partition=partition)
        body = f'{{"number": "{_SECRET}"}}'.encode()
        await producer.send_and_wait(_TOPIC.name, body, key=b"poison", headers=poison.to_headers())

    async with visiting(mesh, person, tmp_path) as visit:
        found = await matter.find(visit.journey, visit.citizen)
        submitted = await submission.submit(visit.journey, visit.citizen, found)

        for act, body, officer in (("acceptance", None, OFFICERS[0]), ("decision", {"outcome": "grant"}, OFFICERS[1])):
            path, key = f"/cases/{submitted.number}/{act}", f"{submitted.number}-{act}"
            assert (await visit.parties.window.post(path, json=body, idempotency_key=key, officer=officer)).status_code == 200

        async def closed() -> bool:
            return bool((await visit.citizen.get(f"/cases/{submitted.number}")).json()["status"] == "closed")

        await eventually(closed, within=30)

    async def set_aside() -> bool:
        told = [_told(record) for record in await records(mesh, _TOPIC.dead.name)]
        garbage = {handler for handler, reason in told if reason == "ValueError"}
        poisoned = {handler for handler, reason in told if reason.startswith("ValidationError: ")}
        return garbage >= {"certificate", "rating"} and poisoned == {"certificate.issue"}

    await eventually(set_aside, within=30)
    reasons = [reason for _, reason in (_told(record) for record in await records(mesh, _TOPIC.dead.name))]
    assert not any(_SECRET in reason for reason in reasons), "a reason quotes nothing of the record"


def _told(record: "ConsumerRecord[bytes, bytes]") -> tuple[str, str]:
    headers = dict(record.headers)
    return headers[HANDLER].decode(), headers[REASON].decode()
