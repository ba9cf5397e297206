"""One end of the mesh in a test: a database with events, a relay and a consumer, started and stopped at will."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from chassis.clock import FixedClock
from chassis.database import Database, WriteSession
from chassis.messaging import Delivery, Subscriptions, publish
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.group import Group, Membership
from chassis.messaging.producer import Delivering, Producer
from chassis.messaging.relay import Relay
from chassis.messaging.retries import RetryPolicy
from contracts.topics import TOPICS
from tests.support.ledger.events import Noted
from tests.support.ledger.tables import notes, outbox

TOPIC = TOPICS["rating"]
QUICK = RetryPolicy(attempts=4, base=timedelta(milliseconds=5), ceiling=timedelta(milliseconds=20))

Main = Callable[[asyncio.Event], Awaitable[None]]


async def note(delivery: Delivery[Noted], session: WriteSession) -> None:
    await session.execute(sa.insert(notes).values(key=delivery.event.subject, number=delivery.event.number))


def noting() -> Subscriptions:
    subscriptions = Subscriptions("ledger")
    subscriptions.on(Noted)(note)
    return subscriptions


@asynccontextmanager
async def running(*mains: Main, within: float = 30.0) -> AsyncIterator[None]:
    """Run the parts beside the block, then tell them to stop and insist that they do, `within` seconds."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(main(stop)) for main in mains]
    try:
        yield
    finally:
        stop.set()
        done, late = await asyncio.wait(tasks, timeout=within)
        for task in late:
            task.cancel()
        assert not late, "a part did not stop in time"
        for task in done:
            task.result()


@dataclass
class Station:
    database: Database
    kafka: str
    namespace: str
    clock: FixedClock
    consumers: list[Consumer] = field(default_factory=list)

    @property
    def topic(self) -> str:
        return f"{self.namespace}{TOPIC.name}"

    async def publish(self, subject: str, *numbers: int, trace: str | None = None) -> None:
        """One transaction for each number."""
        for number in numbers:
            async with self.database.transaction() as session:
                await publish(session, Noted(subject=subject, number=number), at=self.clock.now(), trace=trace)

    def relay(self, producer: Delivering | None = None, *, poll_s: float = 60.0) -> Relay:
        """Unless told otherwise it polls so rarely that only a notification can wake it."""
        return Relay(
            self.database.url,
            source="rating",
            topic=self.topic,
            producer=producer or Producer(self.kafka, client_id="test-relay"),
            poll=timedelta(seconds=poll_s),
        )

    def consumer(self, subscriptions: Subscriptions | None = None, *, instance: str = "one", retry: RetryPolicy = QUICK) -> Main:
        subscriptions = subscriptions or noting()
        producer = Producer(self.kafka, client_id="test-dead-letters")
        consumer = Consumer(
            subscriptions,
            database=self.database,
            clock=self.clock,
            neighbours="the neighbours",
            dead_letters=DeadLetters(producer),
            retry=retry,
        )
        self.consumers.append(consumer)
        group = f"{self.namespace}ledger"
        membership = Membership(self.kafka, group, f"{group}-{instance}", (self.topic,))

        async def main(stop: asyncio.Event) -> None:
            try:
                await Group(membership, consumer.receive_all, consumer.patience).run(stop)
            finally:
                await producer.close()

        return main

    async def noted(self, subject: str | None = None) -> list[int]:
        """Numbers in the order in which their effects were committed."""
        select = sa.select(notes.c.number).order_by(notes.c.id)
        async with self.database.reading() as session:
            rows = await session.execute(select if subject is None else select.where(notes.c.key == subject))
            return [row.number for row in rows]

    async def unpublished(self) -> int:
        select = sa.select(sa.func.count()).where(outbox.c.published_at.is_(None))
        async with self.database.reading() as session:
            return int((await session.execute(select)).scalar_one())

    async def produce(self, *messages: tuple[bytes, bytes, Iterable[tuple[str, bytes]]]) -> None:
        """Put (key, value, headers) on the topic, as a stranger would."""
        async with AIOKafkaProducer(bootstrap_servers=self.kafka) as producer:
            for key, value, headers in messages:
                await producer.send_and_wait(self.topic, value, key=key, headers=list(headers))

    async def records(self, topic: str | None = None) -> list["ConsumerRecord[bytes, bytes]"]:
        """What the topic holds now, each partition in its order."""
        topic = topic or self.topic
        async with AIOKafkaConsumer(topic, bootstrap_servers=self.kafka, auto_offset_reset="earliest") as consumer:
            partitions = consumer.assignment()
            ends = await consumer.end_offsets(partitions)
            found: list[ConsumerRecord[bytes, bytes]] = []
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    found += records
            return found

    async def dead(self) -> list["ConsumerRecord[bytes, bytes]"]:
        return await self.records(f"{self.topic}.dead")

    async def committed_offsets(self) -> int:
        """The sum of the group's committed offsets on the topic."""
        async with AIOKafkaConsumer(bootstrap_servers=self.kafka, group_id=f"{self.namespace}ledger") as consumer:
            offsets = [await consumer.committed(TopicPartition(self.topic, each)) for each in range(TOPIC.partitions)]
            return sum(each or 0 for each in offsets)
