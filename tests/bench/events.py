"""How long an event takes from its commit to the commit of its effect, beside a bare produce and consume.

Two processes, as two services would be: this one publishes and relays, the other consumes through its inbox into a
database of its own. PostgreSQL runs with fsync on. The two measurements take turns, so that both meet the same machine.
"""

import asyncio
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from chassis.messaging import ensure_topics, publish
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.group import Group, Membership
from chassis.messaging.producer import Producer
from chassis.messaging.relay import Relay
from contracts.topics import Topic
from deploy.local import kafka, postgres
from tests.support.ledger.events import Noted
from tests.support.station import TOPIC, noting, running

ROUNDS = int(os.environ.get("ROUNDS", "400"))
WARM_UP = 50
PAUSE_S = (0.005, 0.02)
BARE = Topic("bare", 3, 3_600_000, "none")
PASSWORD = "postgres"
FOLDER = Path(__file__).parents[2] / ".tongban" / "bench-events"


async def consume(bootstrap: str, database_url: str) -> None:
    """The other process: says on its output when an effect was committed and when a bare record was in hand."""
    database = Database(database_url)
    dead_letters = DeadLetters(Producer(bootstrap, client_id="bench"))
    consumer = Consumer(noting(), database=database, clock=SystemClock(), neighbours=None, dead_letters=dead_letters)

    async def receive(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> AsyncGenerator[int, None]:
        said = 0
        async for offset in consumer.receive_all(records):
            while said < len(records) and records[said].offset < offset:
                _say("event", Noted.model_validate_json(records[said].value or b"").number)
                said += 1
            yield offset

    async def receive_bare(stop: asyncio.Event) -> None:
        bare = AIOKafkaConsumer(BARE.name, bootstrap_servers=bootstrap)
        await bare.start()
        _say("ready", 0)
        while not stop.is_set():
            for records in (await bare.getmany(timeout_ms=1000)).values():
                for record in records:
                    _say("bare", int(record.value or b"0"))
        await bare.stop()

    group = Group(Membership(bootstrap, "bench", "bench-1", (TOPIC.name,)), receive)
    stop = asyncio.Event()
    async with running(group.run, receive_bare):
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
        await stop.wait()
    await database.close()


def _say(what: str, number: int) -> None:
    # The monotonic clock of Linux is the same in all processes.
    sys.stdout.write(f"{what} {number} {time.monotonic_ns()}\n")
    sys.stdout.flush()


class Other:
    """The consuming process, asked for one moment at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def moment(self, what: str, number: int) -> int:
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            while line := (await self._process.stdout.readline()).decode().split():
                if line[:2] == [what, str(number)]:
                    return int(line[2])
        msg = "the consuming process ended"
        raise RuntimeError(msg)


@asynccontextmanager
async def _other(bootstrap: str, url: str) -> AsyncIterator[Other]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.events", bootstrap, url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Other(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def measure(bootstrap: str, publisher_url: str, reader_url: str) -> tuple[list[float], list[float]]:
    """Milliseconds of every event and of every bare record."""
    database = Database(publisher_url)
    relay = Relay(publisher_url, source="rating", topic=TOPIC.name, producer=Producer(bootstrap, client_id="bench"))
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    events: list[float] = []
    bares: list[float] = []
    async with _other(bootstrap, reader_url) as other, running(relay.run):
        await other.moment("ready", 0)
        for number in range(WARM_UP + ROUNDS):
            async with database.transaction() as session:
                await publish(session, Noted(subject=f"key {number % 16}", number=number), at=SystemClock().now())
            committed = time.monotonic_ns()
            events.append((await other.moment("event", number) - committed) / 1e6)
            await asyncio.sleep(random.uniform(*PAUSE_S))
            sent = time.monotonic_ns()
            await producer.send(BARE.name, str(number).encode(), key=f"key {number % 16}".encode())
            bares.append((await other.moment("bare", number) - sent) / 1e6)
            await asyncio.sleep(random.uniform(*PAUSE_S))
    await producer.stop()
    await database.close()
    return events[WARM_UP:], bares[WARM_UP:]


async def _create(port: int, *names: str) -> None:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=PASSWORD)
    for name in names:
        await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    cluster = postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True)
    broker = kafka.start(FOLDER / "kafka")
    try:
        bootstrap = f"127.0.0.1:{broker.port}"
        asyncio.run(_create(cluster.port, "publisher", "reader"))
        urls = [f"postgresql+asyncpg://postgres:{PASSWORD}@127.0.0.1:{cluster.port}/{name}" for name in ("publisher", "reader")]
        for url in urls:
            migrate.upgrade("tests.support.ledger", url)
        asyncio.run(ensure_topics(bootstrap, [TOPIC, TOPIC.dead, BARE]))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            events, bares = runner.run(measure(bootstrap, *urls))
    finally:
        broker.stop()
        cluster.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    event_p50, bare_p50 = statistics.median(events), statistics.median(bares)
    event_p99, bare_p99 = (statistics.quantiles(each, n=100)[98] for each in (events, bares))
    print(f"{ROUNDS} events and {ROUNDS} bare records in turn, fsync on; bare p99 {bare_p99:.2f} ms")
    print(f"event_p50_ms={event_p50:.2f} event_p99_ms={event_p99:.2f} bare_p50_ms={bare_p50:.2f} ratio={event_p50 / bare_p50:.2f}")


if __name__ == "__main__":
    if sys.argv[1:]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as consuming:
            consuming.run(consume(*sys.argv[1:]))
    else:
        main()
