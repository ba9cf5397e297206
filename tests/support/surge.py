"""Ten times more than a service can answer, by four classes, at a real door: what became of each class."""

import asyncio
import json
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import sqlalchemy as sa
from starlette.types import Receive, Scope, Send

from chassis.database import Database
from contracts.values import PersonId
from deploy.local.running import free_port
from gateway.registry.tables import parties, resources
from tests.integration.gateway.door import Door, gateway, public_key, register, served
from tests.support.open_loop import Outcome, open_loop

TOP: Final = "codes and sign-on"
CLASSES: Final = (TOP, "progress", "intake", "statistics")
_TOP_PART: Final = 0.9


@dataclass
class Slow:
    """A service that answers `workers` requests at once, each in `takes_s`."""

    workers: int = 3
    takes_s: float = 0.1

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.workers)

    @property
    def per_second(self) -> float:
        return self.workers / self.takes_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b"{}"
        if scope["path"] == "/jwks":
            body = json.dumps({"keys": [public_key()]}).encode()
        else:
            async with self._free:
                await asyncio.sleep(self.takes_s)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def overloaded_door(database: Database, folder: Path, slow: Slow) -> AsyncIterator[Door]:
    """Before the slow service a door whose limits are no hindrance, with a route of each class."""
    known = await register(database)
    async with database.transaction() as session:
        await session.execute(sa.update(parties).values(per_second=1e5, burst=200_000))
        names = ("service", "method", "path", "permission", "audience", "assurance", "max_age_s", "grade", "state")
        values = ("rating", "GET", "/ratings", "rating:read", "party", 0, None, 1, "active")
        await session.execute(sa.insert(resources).values(dict(zip(names, values, strict=True))))
    more = {"admission_start": 64, "address_per_second": 1e6, "address_burst": 1_000_000, "upstream_connections": 256}
    async with (
        served(slow, SimpleNamespace(listen_host="127.0.0.1", listen_port=free_port())) as port,
        gateway(database, folder, f"http://127.0.0.1:{port}", parties=known, **more) as door,
    ):
        yield door


def calls(door: Door, rates: dict[str, float]) -> dict[str, tuple[float, bytes]]:
    token = f"authorization: {door.bearer(PersonId.new())['authorization']}\r\n"
    lines = {
        TOP: "POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n",
        "progress": f"GET /persons/me HTTP/1.1\r\nhost: x\r\n{token}",
        "intake": f"GET /matters HTTP/1.1\r\nhost: x\r\n{token}",
        "statistics": f"GET /ratings HTTP/1.1\r\nhost: x\r\n{token}",
    }
    return {name: (rate, f"{lines[name]}\r\n".encode()) for name, rate in rates.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """Of one class: answered a second, the part of it that was answered, how long answers took, and refusals, in seconds."""

    per_second: float
    part: float
    took_s: float
    refused_in_s: float

    @classmethod
    def of(cls, outcomes: list[Outcome], name: str, *, since: float, until: float) -> "Told":
        mine = [each for each in outcomes if each.name == name and since <= each.at < until]
        granted = [each.took_s for each in mine if each.status == 200]
        refused = [each.took_s for each in mine if each.status != 200]
        return cls(
            len(granted) / (until - since),
            len(granted) / max(1, len(mine)),
            statistics.median(granted) if granted else 0.0,
            statistics.median(refused) if refused else 0.0,
        )


def ordinary(slow: Slow) -> dict[str, float]:
    """Half of what can be answered."""
    return dict.fromkeys(CLASSES, slow.per_second / 8)


def alone(slow: Slow) -> dict[str, float]:
    return {TOP: _TOP_PART * slow.per_second}


def tenfold(slow: Slow) -> dict[str, float]:
    """The top class by itself would nearly be too much."""
    rest = (10 - _TOP_PART) * slow.per_second / 3
    return alone(slow) | dict.fromkeys(CLASSES[1:], rest)


async def surge(door: Door, rates: dict[str, float], *, seconds: float, seed: int = 7) -> list[Outcome]:
    return await open_loop(door.settings.listen_port, calls(door, rates), seconds=seconds, seed=seed)
