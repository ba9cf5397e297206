"""The broker of the run, and topics that no other test sees."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from chassis.messaging.topics import ensure_topics, qualified
from contracts.topics import Topic
from tests.support import run_wide

_number = itertools.count(1)


def bootstrap_servers() -> str:
    return f"127.0.0.1:{run_wide.kafka().port}"


def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@asynccontextmanager
async def topic_space(bootstrap: str, *topics: Topic) -> AsyncIterator[str]:
    """A namespace of its own holding these topics and their dead letters, until the block ends."""
    namespace = f"{worker_name()}-{next(_number)}."
    wanted = [each for topic in topics for each in (topic, topic.dead)]
    await ensure_topics(bootstrap, wanted, namespace)
    try:
        yield namespace
    finally:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([qualified(namespace, each.name) for each in wanted])
        finally:
            await admin.close()
