"""A service's membership in its consumer group: fetching, committing, rebalancing, and noticing when it stalls."""

import asyncio
import contextlib
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from chassis.messaging.lanes import Handle, Lanes, Patience
from chassis.messaging.retries import retry_delay
from chassis.messaging.stopping import is_set_within, run_until
from chassis.messaging.watchdog import watch

log = structlog.get_logger()

_FINISH_S: Final = 3.0
_STOP_S: Final = 2.0
_COMMIT_EVERY_S: Final = 0.2
_RECORDS_A_READ: Final = 500


@dataclass(frozen=True, slots=True)
class Membership:
    """`instance` is the same after a restart of the same process, so that a restart moves no partition."""

    bootstrap_servers: str
    group: str
    instance: str
    topics: tuple[str, ...]


class Group:
    """Feeds `handle` the records of the group's topics, in order within each partition."""

    def __init__(self, membership: Membership, handle: Handle, patience: Patience | None = None) -> None:
        self._membership = membership
        self._handle = handle
        self._patience = patience

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop. Raises: Stalled when records wait and nothing moves."""
        await run_until(stop, self._consume(stop), finish_within=_FINISH_S + _STOP_S + 1)

    async def _consume(self, stop: asyncio.Event) -> None:
        attempt = 0
        while not stop.is_set():
            started = asyncio.get_running_loop().time()
            try:
                await self._session(stop)
            except (KafkaError, OSError) as error:
                held = asyncio.get_running_loop().time() - started
                attempt = 1 if held > 60 else attempt + 1
                log.warning("consumer_lost_the_broker", error=type(error).__name__, attempt=attempt)
                delay = retry_delay(attempt, base=timedelta(milliseconds=200), ceiling=timedelta(seconds=5), random=random.random)
                await is_set_within(stop, delay.total_seconds())

    async def _session(self, stop: asyncio.Event) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._membership.bootstrap_servers,
            group_id=self._membership.group,
            group_instance_id=self._membership.instance,
            client_id=self._membership.instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=5000,
            heartbeat_interval_ms=5000,
            session_timeout_ms=30_000,
            metadata_max_age_ms=60_000,
        )
        session = Session(consumer, Lanes(self._handle, self._patience))
        consumer.subscribe(self._membership.topics, listener=session)
        try:
            await consumer.start()
            await session.work(stop)
        finally:
            await session.close()


class Session(ConsumerRebalanceListener):  # type: ignore[misc]  # the library is untyped
    """One connection to the group, from joining to leaving."""

    def __init__(self, consumer: AIOKafkaConsumer, lanes: Lanes) -> None:
        self._consumer = consumer
        self._lanes = lanes

    async def work(self, stop: asyncio.Event) -> None:
        tasks: set[asyncio.Future[Any]] = {
            asyncio.create_task(self._read()),
            asyncio.create_task(self._commit_progress()),
            asyncio.create_task(watch(self._consumer)),
        }
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({*tasks, stopping, self._lanes.failed}, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in (*tasks, stopping):
                each.cancel()
            await asyncio.wait({*tasks, stopping})

    async def close(self) -> None:
        """Finish what is under way, commit it, leave. Bounded, because the library's own stop is not."""
        try:
            partitions = self._lanes.partitions()
            await self._lanes.close(partitions, within=_FINISH_S)
            await self._commit()
        finally:
            # The library cancels its own tasks on stop and sometimes lets that escape.
            with contextlib.suppress(asyncio.CancelledError, KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._lanes.close(revoked, within=_FINISH_S)
        await self._commit()
        self._lanes.drop(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        strangers = set(self._lanes.partitions()) - set(assigned)
        await self._lanes.close(strangers, within=0)
        self._lanes.drop(strangers)
        log.info("partitions_assigned", partitions=sorted(f"{each.topic}-{each.partition}" for each in assigned))

    async def _read(self) -> None:
        while True:
            batches = await self._consumer.getmany(timeout_ms=60_000, max_records=_RECORDS_A_READ)
            for partition, records in batches.items():
                if partition in self._consumer.assignment() and self._lanes.put(partition, records):
                    self._consumer.pause(partition)

    async def _commit_progress(self) -> None:
        while True:
            await self._lanes.progress.wait()
            # The effects are committed already: offsets may wait, and one request then carries many.
            await asyncio.sleep(_COMMIT_EVERY_S)
            self._lanes.progress.clear()
            await self._commit()
            for partition in self._consumer.paused():
                if self._lanes.has_room(partition):
                    self._consumer.resume(partition)

    async def _commit(self) -> None:
        offsets = self._lanes.uncommitted()
        if not offsets:
            return
        try:
            async with asyncio.timeout(_STOP_S):
                await self._consumer.commit(offsets)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            # Whoever holds the partition now reads these records again, and its inbox knows them.
            log.info("offsets_not_committed", error=type(error).__name__)
        else:
            self._lanes.committed(offsets)
