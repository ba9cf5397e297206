"""A tail that every process reads for itself: no group, no inbox, an effect in memory only."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.clock import Clock
from chassis.messaging.dead_letters import reason_of
from chassis.messaging.retries import retry_delay
from chassis.messaging.stopping import is_set_within, run_until
from chassis.messaging.topics import qualified
from chassis.process import Part
from chassis.settings import ServiceSettings
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.topics import TOPICS

log = structlog.get_logger()

E = TypeVar("E", bound=Event)
Listener = Callable[[E], None]
_STOP_S: Final = 2.0


class Broadcast:
    """Listeners in memory. After the first connection `is_current` is set: what `lookback` covers was heard.

    A process that starts hears the last `lookback` again; listeners must not mind hearing an event twice.
    """

    def __init__(self, *, lookback: timedelta = timedelta(0)) -> None:
        self._lookback = lookback
        self._listeners: dict[tuple[str, int], tuple[type[Event], Callable[[Any], None]]] = {}
        self._positions: dict[TopicPartition, int] = {}
        self.is_current = asyncio.Event()

    def on(self, event: type[E]) -> Callable[[Listener[E]], Listener[E]]:
        """Register the only listener of an event. Raises: TypeError for a second one."""

        def register(listener: Listener[E]) -> Listener[E]:
            if (event.TYPE, event.VERSION) in self._listeners:
                msg = f"{event.TYPE} version {event.VERSION} already has a listener"
                raise TypeError(msg)
            self._listeners[event.TYPE, event.VERSION] = (event, listener)
            return listener

        return register

    def part(self, settings: ServiceSettings, clock: Clock) -> Part:
        async def main(stop: asyncio.Event) -> None:
            await self.run(settings.kafka_bootstrap_servers, settings.mesh_namespace, clock, stop)

        return Part("broadcast", main)

    async def run(self, bootstrap_servers: str, namespace: str, clock: Clock, stop: asyncio.Event) -> None:
        await run_until(stop, self._tail(bootstrap_servers, namespace, clock, stop), finish_within=_STOP_S + 1)

    async def _tail(self, bootstrap_servers: str, namespace: str, clock: Clock, stop: asyncio.Event) -> None:
        attempt = 0
        while not stop.is_set():
            try:
                await self._listen(bootstrap_servers, namespace, clock, stop)
            except (KafkaError, OSError) as error:
                attempt = 1 if self.is_current.is_set() else attempt + 1
                self.is_current.clear()
                log.warning("broadcast_lost_the_broker", error=type(error).__name__, attempt=attempt)
                delay = retry_delay(attempt, base=timedelta(milliseconds=200), ceiling=timedelta(seconds=5), random=random.random)
                await is_set_within(stop, delay.total_seconds())

    async def _listen(self, bootstrap_servers: str, namespace: str, clock: Clock, stop: asyncio.Event) -> None:
        publishers = {each for event, _ in self._listeners.values() for each in event.PUBLISHERS}
        consumer = AIOKafkaConsumer(
            *(qualified(namespace, TOPICS[each].name) for each in publishers),
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=5000,
        )
        reading: asyncio.Task[None] | None = None
        try:
            await consumer.start()
            ends = await self._seek(consumer, clock)
            reading = asyncio.create_task(self._read(consumer, ends))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if reading.done():
                reading.result()
        finally:
            if reading is not None:
                reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    await consumer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer, clock: Clock) -> dict[TopicPartition, int]:
        """Start every partition where we were or `lookback` ago; answers where each ends now."""
        partitions = consumer.assignment()
        # Until the questions below are answered: the broker would let them wait behind a fetch that waits for records.
        consumer.pause(*partitions)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        since = int((clock.now() - self._lookback).timestamp() * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
        for each in partitions:
            first = ends[each] if found.get(each) is None or not self._lookback else found[each].offset
            self._positions.setdefault(each, first)
            consumer.seek(each, self._positions[each])
        consumer.resume(*partitions)
        return ends

    async def _read(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
        while True:
            if all(self._positions[each] >= end for each, end in ends.items()):
                self.is_current.set()
            for partition, records in (await consumer.getmany(timeout_ms=60_000)).items():
                for record in records:
                    self._hear(record)
                    self._positions[partition] = record.offset + 1

    def _hear(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        try:
            envelope = Envelope.from_headers(record.headers)
            listening = self._listeners.get((envelope.type, envelope.version))
            if listening is None:
                return
            event, listener = listening
            listener(event.model_validate_json(record.value or b""))
        except ValueError as error:
            # The services that consume the topic set the same record aside.
            log.error("broadcast_record_unreadable", topic=record.topic, offset=record.offset, reason=reason_of(error))  # noqa: TRY400 (a trace would quote the record)
