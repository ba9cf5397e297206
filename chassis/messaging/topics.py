"""Names of topics inside a namespace, and their creation."""

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from contracts.topics import Topic

_DEADLINE_S: Final = 30


def qualified(namespace: str, name: str) -> str:
    """The name that several meshes on one broker do not share."""
    return f"{namespace}{name}"


async def ensure_topics(bootstrap_servers: str, topics: Iterable[Topic], namespace: str = "", *, replication: int = 1) -> None:
    """Create the topics that are missing and leave the others alone.

    Raises: KafkaError when the broker refuses one, TimeoutError when it does not answer.
    """
    wanted = [
        NewTopic(
            qualified(namespace, topic.name),
            topic.partitions,
            replication,
            topic_configs={"retention.ms": str(topic.retention_ms)},
        )
        for topic in topics
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    async with asyncio.timeout(_DEADLINE_S):
        try:
            await admin.start()
            response = await admin.create_topics(wanted)
        finally:
            await admin.close()
    for name, code, *_ in response.topic_errors:
        error: type[KafkaError] = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(name)
