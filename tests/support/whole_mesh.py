"""The whole local mesh of a run, and what tests ask of it beside its doors."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from httpx_aiohttp import AiohttpTransport
from sqlalchemy.engine import make_url

from deploy.client import SignedIn
from deploy.local import mesh as local
from deploy.local.journey import citizen, parties
from deploy.local.journey.config import Config, Person
from deploy.local.journey.context import Journey
from deploy.local.journey.narrator import Narrator
from deploy.local.mesh import Mesh
from tests.support import run_wide


@contextmanager
def running() -> Iterator[Mesh]:
    """Everything, trace viewer included, on ports of the kernel's choice; gone afterwards."""
    with local.temporary(run_wide.run_folder() / "mesh", durable=False) as mesh:
        yield mesh


def without_viewer(mesh: Mesh) -> Config:
    """For journeys whose submission may be answered twice, so that its trace is not the one that the answer names."""
    return replace(Config.read(mesh.journey_config()), zipkin_url="")


async def rows(mesh: Mesh, service: str, query: str, *arguments: Any) -> list[Any]:
    """Rows of a service's database, read as its owner; only to assert at the end."""
    url = make_url(mesh.database_url(service))
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def records(mesh: Mesh, topic: str) -> list["ConsumerRecord[bytes, bytes]"]:
    """What a topic holds now, each partition in its order."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=mesh.kafka_servers, auto_offset_reset="earliest") as consumer:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                found += batch
        return found


async def topics_of(mesh: Mesh) -> set[str]:
    """The topics that the mesh's broker has, those of other meshes included."""
    admin = AIOKafkaAdminClient(bootstrap_servers=mesh.kafka_servers)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def takes(mesh: Mesh, topic: str) -> bool:
    """Whether the broker takes a record for the topic within a second."""
    async with AIOKafkaProducer(bootstrap_servers=mesh.kafka_servers, request_timeout_ms=1000) as producer:
        try:
            await producer.send_and_wait(topic, b"anything")
        except (KafkaError, TimeoutError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Visit:
    """Registered parties and one citizen of assurance 3, as after the second step of a journey."""

    journey: Journey
    parties: parties.Parties
    citizen: SignedIn


@asynccontextmanager
async def visiting(mesh: Mesh, person: Person, keys: Path) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:
        anybody = await stack.enter_async_context(httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False, timeout=60))
        journey = Journey(Config.read(mesh.journey_config()), person, Narrator(print), anybody, keys, lambda _: None)
        registered = await parties.register(journey, stack)
        yield Visit(journey, registered, await citizen.become_known(journey, registered))
