"""CPU of the gateway for one authorised request, and of Envoy for the same: all six rooms, limits and the ledger on one side,
jwt_authn with its cache, rbac and local_ratelimit on the other.

The same service behind, the same token, the same fixed load below what either can take, in short turns; ratios are medians of
those of each turn, so that what else the machine does falls on both sides. Two workers
under the whole load are compared with one that has half of it, as each of them has: a process that is woken for fewer
requests at a time spends more on each. How they compare with one that has the whole load is told beside it.
CPU is user and system time of exactly the proxy's processes; PostgreSQL (fsync on) and Kafka are real and not counted. They
get what the others leave of the CPU (SCHED_IDLE), as if they were on machines of their own: on two cores that the load, the
proxy and the service fill already, what is compared would else be the scheduler's slices.
"""

import asyncio
import os
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import sqlalchemy as sa
import uvloop
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.clock import SystemClock
from chassis.database import Database, migrate
from chassis.messaging.topics import ensure_topics
from contracts.topics import all_topics
from contracts.values import PartyId, PersonId, SessionId
from deploy.local import kafka, postgres
from deploy.local.keys import Keyring, private_key
from deploy.local.running import Running, answers, free_port, tail
from gateway.registry.bootstrap import load_policies
from gateway.registry.domain.parties import Party
from gateway.registry.repository import WritableParties
from gateway.registry.tables import parties, resources
from tests.bench import load, peers

T = TypeVar("T")

RATE: Final = float(os.environ.get("RATE", "1500"))
REQUESTS: Final = int(os.environ.get("REQUESTS", "4000"))
ROUNDS: Final = int(os.environ.get("ROUNDS", "11"))
CONNECTIONS: Final = int(os.environ.get("CONNECTIONS", "32"))
WARM_UP: Final = 1000
IDLE_S: Final = 5.0
SETTLED_S: Final = 10.0
"""For as long a gateway that has just started may refuse: its share of the limits is not its own yet."""
PASSWORD: Final = "postgres"
ISSUER: Final = "http://city.example"
ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".tongban" / "bench-gateway"
SERVICES_BEHIND: Final = ("identity", "catalogue", "application", "certificate", "rating")


@dataclass
class Looks:
    """What was seen of one proxy, a figure for each round."""

    cpu_us: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_us)


def cpu_s(pid: int) -> float:
    """User and system time so far of a process, all its threads and its children."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    own = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_s(int(child)) for child in children)


def token(key: ECKey, client: PartyId) -> str:
    now = int(time.time())
    said = {
        "iss": ISSUER,
        "aud": ISSUER,
        "client_id": client,
        "sub": PersonId.new(),
        "subject_type": "person",
        "sid": SessionId.new(),
        "assurance": 2,
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "id-1"}, said, key)


def request(bearer: str) -> bytes:
    lines = (
        "GET /matters/440111006000?channel=app HTTP/1.1",
        "host: city.example",
        "user-agent: bench",
        "accept: application/json",
        "accept-language: zh",
        f"authorization: Bearer {bearer}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


async def prepare(url: str) -> PartyId:
    """An app without bounds, the policies of the seed, and the resource that is asked for."""
    client, at, database = PartyId.new(), SystemClock().now(), Database(url)
    async with database.transaction() as session:
        await load_policies(session, at)
        await WritableParties(session).add(Party(client, "bench", "app", "active", at, ()))
        await session.execute(sa.update(parties).values(per_second=1e6, burst=1_000_000))
        row = {"service": "catalogue", "method": "GET", "path": "/matters/{code}", "permission": "matter:read", "audience": "person"}
        await session.execute(sa.insert(resources).values(**row, assurance=2, max_age_s=None, grade=1, state="active"))
    await database.close()
    return client


async def _create(port: int) -> str:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=PASSWORD)
    await connection.execute("CREATE DATABASE gateway")
    await connection.close()
    return f"postgresql+asyncpg://postgres:{PASSWORD}@127.0.0.1:{port}/gateway"


def gateway(url: str, keys: Keyring, broker: int, behind: int, *, workers: int) -> Running:
    port, log = free_port(), FOLDER / f"gateway-{workers}.log"
    named = {
        **keys.settings(),
        **{f"{service.upper()}_URL": f"http://127.0.0.1:{behind}" for service in SERVICES_BEHIND},
        "GATEWAY_MESH_KEY_FILE": str(keys.member_key("gateway")),
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_LISTEN_PORT": str(port),
        "GATEWAY_WORKERS": str(workers),
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{broker}",
        "PUBLIC_URL": ISSUER,
    }
    running = Running.launch(
        f"gateway-{workers}", [sys.executable, "-m", "gateway"], port=port, log=log, environment={**os.environ, **named}, folder=ROOT
    )
    with running.ended_unless_started():
        deadline = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/health/ready"):
            if not running.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(tail(log))
            time.sleep(0.1)
    return running


async def look(proxy: Running, said: bytes, looks: Looks, share: float) -> None:
    before, began = cpu_s(proxy.pid), time.monotonic()
    latencies = await load.paced(proxy.port, said, requests=int(REQUESTS * share), rate=RATE * share, connections=int(CONNECTIONS * share))
    spent, took = cpu_s(proxy.pid) - before, time.monotonic() - began
    looks.cpu_us.append(spent / len(latencies) * 1e6)
    looks.p99_ms.append(statistics.quantiles(latencies, n=100)[98] * 1e3)
    print(
        f"  {proxy.name:10} {len(latencies) / took:6.0f}/s {looks.cpu_us[-1]:6.1f} us of CPU each, p99 {looks.p99_ms[-1]:5.2f} ms",
        flush=True,
    )


async def warm_up(proxy: Running, said: bytes) -> None:
    deadline = time.monotonic() + SETTLED_S
    while True:
        try:
            await load.paced(proxy.port, said, requests=WARM_UP, rate=RATE, connections=CONNECTIONS)
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)
        else:
            return


async def compare(said: bytes, *proxies: tuple[Running, float]) -> list[Looks]:
    """Each in turn, under its share of the load."""
    looks = [Looks() for _ in proxies]
    for proxy, _ in proxies:
        await warm_up(proxy, said)
    for _ in range(ROUNDS):
        for (proxy, share), seen in zip(proxies, looks, strict=True):
            await look(proxy, said, seen, share)
    return looks


async def idle(*proxies: Running) -> None:
    """What a process spends while nobody calls: polls, leases, checkpoints."""
    before = [cpu_s(proxy.pid) for proxy in proxies]
    await asyncio.sleep(IDLE_S)
    for proxy, spent in zip(proxies, before, strict=True):
        print(f"  {proxy.name:10} idle: {(cpu_s(proxy.pid) - spent) / IDLE_S * 1e3:.1f} ms of CPU a second")


def ratio(these: list[float], those: list[float]) -> float:
    return statistics.median(this / that for this, that in zip(these, those, strict=True))


@contextmanager
def standing() -> Iterator[Callable[[Running], Running]]:
    """Whatever is given is stopped at the end, in reverse order."""
    with ExitStack() as stack:

        def stopped_later(running: Running) -> Running:
            stack.callback(running.stop)
            return running

        yield stopped_later


def _set_aside(*servers: Running) -> None:
    """All their threads now, and whatever they start from now on."""
    for server in servers:
        for thread in Path(f"/proc/{server.pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    with standing() as started:
        cluster = started(postgres.start(FOLDER / "postgres", password=PASSWORD, durable=True))
        broker = started(kafka.start(FOLDER / "kafka"))
        _set_aside(cluster, broker)
        asyncio.run(ensure_topics(f"127.0.0.1:{broker.port}", all_topics()))
        url = asyncio.run(_create(cluster.port))
        migrate.upgrade("gateway.registry", url)
        keys = Keyring(FOLDER / "keys")
        keys.make()
        key = ECKey.import_key(private_key(FOLDER / "keys" / "identity-signing.pem").read_bytes())
        public: dict[str, Any] = {"keys": [{**key.as_dict(private=False), "kid": "id-1", "alg": "ES256", "use": "sig"}]}
        said = request(token(key, asyncio.run(prepare(url))))
        behind = started(peers.service(FOLDER / "nginx", public))
        envoy = started(peers.envoy(FOLDER / "envoy", behind.port, ISSUER, public))
        one = started(gateway(url, keys, broker.port, behind.port, workers=1))
        ours, theirs = _run(compare(said, (one, 1.0), (envoy, 1.0)))
        two = started(gateway(url, keys, broker.port, behind.port, workers=2))
        whole, half, both = _run(compare(said, (one, 1.0), (one, 0.5), (two, 1.0)))
        _run(idle(one, two))
    shutil.rmtree(FOLDER, ignore_errors=True)
    each, together = ratio(both.cpu_us, half.cpu_us), ratio(both.cpu_us, whole.cpu_us)
    print(f"two_workers_cpu_us={both.cpu:.1f} one_with_half_the_load={half.cpu:.1f} one_with_all_of_it={whole.cpu:.1f}")
    print(f"two_workers_ratio={each:.2f} (to one with half of their load; to one with all of it {together:.2f})")
    cpu, p99 = ratio(ours.cpu_us, theirs.cpu_us), ratio(ours.p99_ms, theirs.p99_ms)
    print(f"gateway_cpu_us={ours.cpu:.1f} envoy_cpu_us={theirs.cpu:.1f} ratio={cpu:.2f} p99_ratio={p99:.2f}")


def _run(measuring: Awaitable[T]) -> T:
    async def awaited() -> T:
        return await measuring

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(awaited())


if __name__ == "__main__":
    main()
