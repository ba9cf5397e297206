"""Notices a consumer that is alive but stuck: records wait at the broker and its positions do not move.

Source: aio-libs/aiokafka issues 983 and 1154; the library has no public sign of health.
"""

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

_INTERVAL_S: Final = 10.0
_LOOKS: Final = 3


class Stalled(Exception):
    """Records wait and nothing is read; only a new process helps."""


async def watch(consumer: AIOKafkaConsumer, *, interval_s: float = _INTERVAL_S) -> None:
    """Return never. Raises: Stalled on the third look in a row that finds a partition waiting where it was."""
    looks: dict[TopicPartition, tuple[int, int]] = {}
    while True:
        await asyncio.sleep(interval_s)
        try:
            async with asyncio.timeout(interval_s):
                waiting = await _waiting(consumer)
        except (KafkaError, IllegalStateError, TimeoutError, OSError):
            looks.clear()
            continue
        looks = {each: (at, _looks(looks.get(each), at)) for each, at in waiting.items()}
        stalled = [each for each, (_, count) in looks.items() if count >= _LOOKS]
        if stalled:
            msg = f"nothing moves on {', '.join(f'{each.topic}-{each.partition}' for each in sorted(stalled))}"
            raise Stalled(msg)


def _looks(before: tuple[int, int] | None, at: int) -> int:
    return before[1] + 1 if before is not None and before[0] == at else 1


async def _waiting(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """Positions of the partitions that have records which were not read."""
    partitions = consumer.assignment() - consumer.paused()
    if not partitions:
        return {}
    ends = await consumer.end_offsets(partitions)
    positions = {each: await consumer.position(each) for each in partitions}
    return {each: position for each, position in positions.items() if position < ends[each]}
