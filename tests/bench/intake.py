"""What a submission costs: sixteen clients submit through the gateway, one after the other each, then read what they submitted.

The CPU of an operation is that of the gateway, of the application with its worker and of the whole PostgreSQL cluster, less what they
use without load; that of the other services and of Kafka is printed beside it.
"""

import asyncio
import json
import os
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.client import SignedIn
from deploy.local import mesh as local
from deploy.local.journey.config import people
from deploy.local.mesh import Mesh
from deploy.local.status import ticks
from tests.bench import load
from tests.support.applicants import MATTER, Applicants, applicants
from tests.support.eventually import eventually
from tests.support.whole_mesh import rows

CLIENTS = 16
CREATES = int(os.environ.get("CREATES", "3200"))
READS = int(os.environ.get("READS", "3200"))
WARM_UP = 320
IDLE_S = 5.0
COUNTED = ("gateway", "application", "postgres")
FOLDER = Path(__file__).parents[2] / ".tongban" / "bench-intake"


@dataclass(frozen=True, slots=True)
class Phase:
    """`cpu_s` is by process."""

    answers: list[load.Answer]
    took_s: float
    cpu_s: dict[str, float]

    @property
    def cpu_ms(self) -> float:
        return sum(self.cpu_s[name] for name in COUNTED) * 1000 / len(self.answers)

    def p95_ms(self) -> float:
        return statistics.quantiles([each.took_s * 1000 for each in self.answers], n=20)[-1]

    def says(self) -> str:
        each = {name: f"{name} {spent * 1000 / len(self.answers):.2f}" for name, spent in self.cpu_s.items()}
        counted, beside = [each.pop(name) for name in COUNTED], each.values()
        median = statistics.median(answer.took_s * 1000 for answer in self.answers)
        return f"{len(self.answers) / self.took_s:.0f}/s, median {median:.1f} ms; CPU ms each: {'  '.join(counted)}; beside: {'  '.join(beside)}"


class Meter:
    """CPU of every process of a mesh."""

    def __init__(self, mesh: Mesh) -> None:
        self._processes = {name: found for name, found in mesh.running().items() if found}
        self._idle: dict[str, float] = {}

    async def idle(self) -> None:
        began = self.read()
        await asyncio.sleep(IDLE_S)
        self._idle = {name: (spent - began[name]) / IDLE_S for name, spent in self.read().items()}

    def read(self) -> dict[str, float]:
        return {name: ticks(each) / os.sysconf("SC_CLK_TCK") for name, each in self._processes.items()}

    def spent(self, before: dict[str, float], over_s: float) -> dict[str, float]:
        return {name: max(0.0, now - before[name] - self._idle[name] * over_s) for name, now in self.read().items()}


async def _measured(
    mesh: Mesh, meter: Meter, clients: list[Iterator[bytes]], status: int, settled: Callable[[], "asyncio.Future[bool]"] | None = None
) -> Phase:
    """With what the requests caused behind them, once it is settled."""
    now = asyncio.get_running_loop().time
    before, began = meter.read(), now()
    answers = await load.closed(mesh.ports["gateway"], clients, status=status)
    took_s = now() - began
    if settled:
        await eventually(settled, within=120)
    return Phase(answers, took_s, meter.spent(before, now() - began))


def _submissions(who: SignedIn, body: bytes, named: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        headers = {
            "authorization": f"Bearer {who.access_token}",
            "content-type": "application/json",
            "idempotency-key": f"{named}-{number}",
        }
        yield load.post("/cases", body, **headers)


def _reads(who: SignedIn, numbers: list[str], count: int) -> Iterator[bytes]:
    for place in range(count):
        number = numbers[place % len(numbers)]
        yield f"GET /cases/{number} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {who.access_token}\r\n\r\n".encode()


async def _measure(mesh: Mesh, known: Applicants) -> None:
    body = json.dumps(known.submission, ensure_ascii=False).encode()

    def clients(named: str, all_: int) -> list[Iterator[bytes]]:
        return [_submissions(who, body, f"{named}-{place}", all_ // CLIENTS) for place, who in enumerate(known.signed_in)]

    async def all_dispatched() -> bool:
        [counted] = await rows(
            mesh, "application", "SELECT (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM dispatches) AS dispatched"
        )
        return bool(counted["cases"] == counted["dispatched"])

    await load.closed(mesh.ports["gateway"], clients("warm", WARM_UP), status=201)
    await eventually(all_dispatched, within=120)
    meter = Meter(mesh)
    await meter.idle()
    created = await _measured(mesh, meter, clients("bench", CREATES), 201, all_dispatched)
    print(f"creates: {created.says()}", flush=True)
    acknowledged = Counter(json.loads(each.body)["number"] for each in created.answers)
    owner = {json.loads(each.body)["number"]: place for place, each in enumerate(created.answers)}
    per_client = CREATES // CLIENTS
    mine = [[number for number, place in owner.items() if place // per_client == client] for client in range(CLIENTS)]
    await meter.idle()
    read = await _measured(
        mesh, meter, [_reads(who, numbers, READS // CLIENTS) for who, numbers in zip(known.signed_in, mine, strict=True)], 200
    )
    print(f"reads: {read.says()}", flush=True)
    found = Counter(each["number"] for each in await rows(mesh, "application", "SELECT number FROM cases"))
    lost = sum(number not in found for number in acknowledged)
    duplicate = sum(found.values()) - WARM_UP - len(acknowledged) + sum(count - 1 for count in acknowledged.values())
    print(
        f"creates_per_s={len(created.answers) / created.took_s:.0f} p95_ms={created.p95_ms():.1f} create_cpu_ms={created.cpu_ms:.2f} "
        f"read_cpu_ms={read.cpu_ms:.2f} lost={lost} duplicate={duplicate}"
    )


async def _run(mesh: Mesh) -> None:
    async with applicants(mesh, people()[:CLIENTS], FOLDER / "keys" / "parties", matter=MATTER) as known:
        await _measure(mesh, known)


def main() -> None:
    with local.temporary(FOLDER, with_zipkin=False) as mesh:
        (FOLDER / "keys" / "parties").mkdir()
        asyncio.run(_run(mesh))


if __name__ == "__main__":
    main()
