"""The decision point under test: a gateway with a real database on a real socket, in a thread of its own for the whole run.

The fixture that the plans ask about comes into force as every text does: one officer proposes it, another approves.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

from chassis.database import Database
from deploy.client import TongbanClient
from deploy.conformance.decisions import load_fixture
from deploy.local.running import free_port
from gateway.registry.bootstrap import load_resources
from tests.integration.gateway.door import Behind, Door, gateway, register, served
from tests.support import postgres
from tests.support.eventually import eventually
from tests.support.service import private_key

OFFICERS = ("op-002", "op-004")


@dataclass(frozen=True, slots=True)
class Point:
    """`base` is its address, `headers` the credentials of the app that asks."""

    base: str
    headers: dict[str, str]
    metadata: dict[str, Any]
    client: httpx.Client


@contextmanager
def running(folder: Path, database: str) -> Iterator[Point]:
    ready: list[Door | BaseException] = []
    is_ready, stop = threading.Event(), threading.Event()

    async def run() -> None:
        try:
            async with _door(folder, database) as door:
                ready.append(door)
                is_ready.set()
                await asyncio.to_thread(stop.wait)
        except BaseException as failure:
            ready.append(failure)
            raise
        finally:
            is_ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        is_ready.wait()
        door = ready[0]
        if isinstance(door, BaseException):
            raise door
        with httpx.Client(base_url=door.settings.public_url, trust_env=False, timeout=10) as client:
            metadata = client.get("/.well-known/authzen-configuration").json()
            yield Point(door.settings.public_url, door.bearer(), metadata, client)
    finally:
        stop.set()
        thread.join()


@asynccontextmanager
async def _door(folder: Path, name: str) -> AsyncIterator[Door]:
    database = Database(postgres.url_of(name))
    parties = await register(database)
    async with database.transaction() as session:
        await load_resources(session)
    place = SimpleNamespace(listen_host="127.0.0.1", listen_port=free_port())
    # Alone, this process has the whole of the app's limit, and nothing of it to lease first.
    alone = {"limit_shares": 1, "limit_share_fraction": 1.0}
    async with served(Behind(), place) as port, gateway(database, folder, f"http://127.0.0.1:{port}", parties=parties, **alone) as door:
        async with TongbanClient(door.settings.public_url, parties["operator"], private_key("party")) as operator:
            version = await load_fixture(operator, OFFICERS)
            await eventually(lambda: _is_in_force(operator, version), within=10)
        yield door
    await database.close()


async def _is_in_force(operator: TongbanClient, version: int) -> bool:
    """A decision says by which version it was made."""
    asked = {
        "subject": {"type": "user", "id": "alice"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"},
    }
    answer = await operator.post("/access/v1/evaluation", json=asked, officer=OFFICERS[0])
    return answer.status_code == 200 and answer.json()["context"]["policy_version"] == version
