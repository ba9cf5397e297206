"""Sends what was set aside back to the topic it came from, once the reason is gone.

`python -m chassis.messaging.redrive SERVICE` handles the dead letters of that publisher's topic up to now. Consumers
that had handled a record before know it by their inbox; the one that had not sees it again.
"""

import asyncio
import os
import sys
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.messaging.dead_letters import original_headers
from chassis.messaging.producer import Producer, Record
from chassis.messaging.topics import qualified
from contracts.topics import TOPICS, Topic

_GROUP: Final = "redrive"
_QUIET_MS: Final = 2000


async def redrive(bootstrap_servers: str, topic: Topic, namespace: str = "") -> int:
    """Republish the dead letters that no earlier redrive took; says how many.

    Raises: KafkaError when the broker does not take one; that one and those behind it stay for the next redrive.
    """
    name = qualified(namespace, topic.name)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=qualified(namespace, _GROUP),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = Producer(bootstrap_servers, client_id=_GROUP)
    partition = TopicPartition(qualified(namespace, topic.dead.name), 0)
    try:
        await consumer.start()
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        sent = 0
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(timeout_ms=_QUIET_MS)).get(partition, []):
                await _send(producer, name, record)
                await consumer.commit({partition: record.offset + 1})
                sent += 1
        return sent
    finally:
        await consumer.stop()
        await producer.close()


async def _send(producer: Producer, topic: str, record: "ConsumerRecord[bytes, bytes]") -> None:
    outcome = await producer.deliver(topic, [Record(key=record.key or b"", value=record.value or b"", headers=original_headers(record))])
    if not outcome.acknowledged:
        raise outcome.failure or KafkaError(topic)


def main(arguments: list[str]) -> None:
    [service] = arguments
    count = asyncio.run(redrive(os.environ["KAFKA_BOOTSTRAP_SERVERS"], TOPICS[service], os.environ.get("MESH_NAMESPACE", "")))
    sys.stdout.write(f"{count} sent back / 已重新投递 {count} 条\n")


if __name__ == "__main__":
    main(sys.argv[1:])
