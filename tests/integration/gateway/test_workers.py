"""Several gateways on one port, as processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from chassis.database import Database
from deploy.local.running import free_port
from tests.integration.gateway.door import register
from tests.support.eventually import eventually
from tests.support.service import keys_in

ROOT = Path(__file__).parents[3]


@contextmanager
def supervised(
    database: Database, folder: Path, kafka: str, namespace: str, **more: str
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_port()
    named = {
        **keys_in(folder),
        "GATEWAY_DATABASE_URL": database.url,
        "GATEWAY_LEDGER_KEY_FILE": str(folder / "gateway-ledger.pem"),
        "GATEWAY_LISTEN_PORT": str(port),
        "GATEWAY_WORKERS": "2",
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "MESH_NAMESPACE": namespace,
        "GATEWAY_MESH_KEY_FILE": str(folder / "gateway.pem"),
        **more,
    }
    with subprocess.Popen([sys.executable, "-m", "gateway"], env={**os.environ, **named}, cwd=ROOT) as running:
        try:
            yield running, port
        finally:
            running.kill()


def workers_of(parent: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


async def is_ready(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False


async def test_a_worker_that_dies_is_replaced_and_all_end_when_told(
    database_of: Callable[[str], Database], tmp_path: Path, kafka: str, namespace: str
) -> None:
    database = database_of("gateway.registry")
    await register(database)
    with supervised(database, tmp_path, kafka, namespace) as (running, port):
        await eventually(lambda: is_ready(port), within=60)
        first = workers_of(running.pid)
        assert len(first) == 2
        # One that dies sooner would fare no better a second time.
        await eventually(lambda: time.monotonic() - started_at(first[0]) > 11, within=30)
        os.kill(first[0], signal.SIGKILL)
        await eventually(lambda: len(set(workers_of(running.pid)) - set(first)) == 1, within=10)
        await eventually(lambda: is_ready(port), within=30)
        running.send_signal(signal.SIGTERM)
        await eventually(lambda: running.poll() is not None, within=40)
        assert running.returncode == 0


def started_at(pid: int) -> float:
    """On the monotonic clock, in seconds."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return ticks / os.sysconf("SC_CLK_TCK")


async def test_workers_that_cannot_start_end_it_all(
    database_of: Callable[[str], Database], tmp_path: Path, kafka: str, namespace: str
) -> None:
    with supervised(database_of("gateway.registry"), tmp_path, kafka, namespace, GATEWAY_MESH_KEY_FILE="/nowhere") as (running, _):
        await eventually(lambda: running.poll() is not None, within=60)
        assert running.returncode == 1
