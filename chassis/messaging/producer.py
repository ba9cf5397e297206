"""The producing side of Kafka: whole batches a partition, acknowledged by all replicas or not at all.

A batch a partition, and one in flight at a time, because then what fails together was ordered together: a later record
of a key can never overtake an earlier one whose batch failed.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

log = structlog.get_logger()

RECORD_LIMIT_BYTES: Final = 900 * 1024
_BATCH_BYTES: Final = 256 * 1024
_REQUEST_TIMEOUT_MS: Final = 10_000
_PATIENCE_S: Final = 60.0
_CLOSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Record:
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]

    def is_too_large(self) -> bool:
        size = len(self.key) + len(self.value) + sum(len(name) + len(value) for name, value in self.headers)
        return size > RECORD_LIMIT_BYTES


@dataclass(slots=True)
class Outcome:
    """Which records, by their place in what was handed in, the broker acknowledged.

    Records in neither list wait for the next call, in which they must come in the same order. `failure` is the reason
    when the broker is to blame.
    """

    acknowledged: list[int] = field(default_factory=list)
    too_large: list[int] = field(default_factory=list)
    failure: Exception | None = None


class Delivering(Protocol):
    async def deliver(self, topic: str, records: Sequence[Record]) -> Outcome:
        """Hand over the records, each key in the order given."""

    async def close(self) -> None:
        """Let go of the broker."""


class Producer:
    """An idempotent producer that connects when first used and is rebuilt after any fatal error.

    The library itself retries, without limit and in order, whatever can be retried.
    """

    def __init__(self, bootstrap_servers: str, *, client_id: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._client_id = client_id
        self._current: AIOKafkaProducer | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._partitioner = DefaultPartitioner()

    async def deliver(self, topic: str, records: Sequence[Record]) -> Outcome:
        outcome = Outcome()
        try:
            producer = await self._connected()
            partitions = sorted(await producer.partitions_for(topic))
            lots = self._lots(records, partitions, outcome)
            shipped = await asyncio.gather(
                *(_ship(producer, topic, partition, records, lot) for partition, lot in lots.items()),
                return_exceptions=True,
            )
        except (KafkaError, OSError, TimeoutError) as error:
            await self._discard()
            outcome.failure = error
            return outcome
        for result in shipped:
            if isinstance(result, BaseException):
                if not isinstance(result, KafkaError | OSError | TimeoutError):
                    raise result
                outcome.failure = result
            else:
                outcome.acknowledged += result
        if outcome.failure is not None:
            await self._discard()
        return outcome

    def _lots(self, records: Sequence[Record], partitions: list[int], outcome: Outcome) -> dict[int, list[int]]:
        """Places of the records by partition, without those too large and whatever follows one under the same key."""
        lots: dict[int, list[int]] = {}
        held: set[bytes] = set()
        for place, record in enumerate(records):
            if record.key in held:
                continue
            if record.is_too_large():
                outcome.too_large.append(place)
                held.add(record.key)
                continue
            partition = self._partitioner(record.key, partitions, partitions)
            lots.setdefault(partition, []).append(place)
        return lots

    async def close(self) -> None:
        await self._discard()
        if self._retiring:
            await asyncio.wait(self._retiring, timeout=_CLOSE_S)
        for task in self._retiring:
            task.cancel()

    async def _connected(self) -> AIOKafkaProducer:
        if self._current is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers,
                client_id=self._client_id,
                acks="all",
                enable_idempotence=True,
                max_batch_size=_BATCH_BYTES,
                request_timeout_ms=_REQUEST_TIMEOUT_MS,
            )
            try:
                await producer.start()
            except BaseException:
                self._retire(producer)
                raise
            self._current = producer
        return self._current

    async def _discard(self) -> None:
        producer, self._current = self._current, None
        if producer is not None:
            self._retire(producer)

    def _retire(self, producer: AIOKafkaProducer) -> None:
        # Stopping flushes, which waits for a broker that is away: nobody may wait for that.
        task = asyncio.create_task(_stop(producer))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


async def _stop(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(KafkaError, OSError):
        await producer.stop()


async def _ship(producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[Record], lot: Sequence[int]) -> list[int]:
    batch = producer.create_batch()
    taken: list[int] = []
    for place in lot:
        record = records[place]
        if batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is None:
            break
        taken.append(place)
    batch.close()
    async with asyncio.timeout(_PATIENCE_S):
        await (await producer.send_batch(batch, topic, partition=partition))
    return taken
