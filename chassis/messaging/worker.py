"""The event process of a service: its consumer and its relay, as parts for `chassis.process.run`."""

import asyncio
import socket
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.database import Database, WriteSession
from chassis.forgetting import Kept, forgetting
from chassis.messaging import inbox
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.group import Group, Membership
from chassis.messaging.producer import Producer
from chassis.messaging.relay import Relay
from chassis.messaging.subscriptions import Subscriptions
from chassis.messaging.topics import qualified
from chassis.process import Part
from chassis.settings import ServiceSettings
from contracts.topics import TOPICS

# A delivery is remembered longer than outbox and topic together could bring it back.
_INBOX_RETENTION: Final = timedelta(days=21)
_STOP_WITHIN_S: Final = 8.0


def run_worker(
    settings: ServiceSettings,
    database: Database,
    subscriptions: Subscriptions,
    clock: Clock,
    neighbours: object = None,
) -> list[Part]:
    """The parts in the order in which they are to stop: first nothing new comes in, then what is written leaves."""
    parts = [_relay(settings)]
    topics = subscriptions.topics()
    if topics:
        names = tuple(qualified(settings.mesh_namespace, topic.name) for topic in topics)
        parts.insert(0, _consumer(settings, database, subscriptions, clock, neighbours, names))
        parts.append(_inbox_cleaner(database, subscriptions.consumer, clock))
    return parts


def _relay(settings: ServiceSettings) -> Part:
    async def main(stop: asyncio.Event) -> None:
        relay = Relay(
            settings.database_url.get_secret_value(),
            source=settings.name,
            topic=qualified(settings.mesh_namespace, TOPICS[settings.name].name),
            producer=Producer(settings.kafka_bootstrap_servers, client_id=f"{settings.name}-relay"),
        )
        await relay.run(stop)

    return Part("relay", main, stop_within=_STOP_WITHIN_S)


def _consumer(
    settings: ServiceSettings,
    database: Database,
    subscriptions: Subscriptions,
    clock: Clock,
    neighbours: object,
    topics: tuple[str, ...],
) -> Part:
    async def main(stop: asyncio.Event) -> None:
        group = qualified(settings.mesh_namespace, subscriptions.consumer)
        dead_letters = DeadLetters(Producer(settings.kafka_bootstrap_servers, client_id=f"{subscriptions.consumer}-dead-letters"))
        consumer = Consumer(subscriptions, database=database, clock=clock, neighbours=neighbours, dead_letters=dead_letters)
        # Host and port name this process among its likes, and are the same after its restart.
        membership = Membership(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            group=group,
            instance=f"{group}-{socket.gethostname()}-{settings.listen_port}",
            topics=topics,
        )
        try:
            await Group(membership, consumer.receive_all, consumer.patience).run(stop)
        finally:
            await dead_letters.close()

    return Part("consumer", main, stop_within=_STOP_WITHIN_S)


def _inbox_cleaner(database: Database, consumer: str, clock: Clock) -> Part:
    async def forget(session: WriteSession, moment: datetime) -> int:
        return await inbox.forget_before(session, consumer, moment)

    return forgetting("inbox cleaner", database, clock, Kept(_INBOX_RETENTION, forget))
