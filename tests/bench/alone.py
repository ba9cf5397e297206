"""One service as it is deployed, alone: its HTTP process on a given database, with the broker and its neighbours out of reach."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chassis import process
from chassis.clock import Clock, SystemClock
from chassis.database import Database
from chassis.settings import ServiceSettings
from deploy.local.keys import Keyring
from deploy.local.running import free_port
from tests.bench import load

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True, slots=True)
class Served:
    """Where it answers, and its process."""

    port: int
    pid: int


@contextmanager
def served(name: str, url: str, keys: Keyring, folder: Path, *, bench: str, **settings: str) -> Iterator[Served]:
    """The service from when it is ready. It is what the module `bench` runs when told to serve; its log is in `folder`."""
    port, prefix, log = free_port(), name.upper(), folder / f"{name}.log"
    named = {
        **keys.settings(),
        f"{prefix}_MESH_KEY_FILE": str(keys.member_key(name)),
        f"{prefix}_DATABASE_URL": url,
        f"{prefix}_LISTEN_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        **settings,
    }
    with log.open("wb") as said:
        running = subprocess.Popen([sys.executable, "-m", bench, "serve"], env={**os.environ, **named}, stdout=said, stderr=said)
        try:
            load.wait_for(port, running, log)
            yield Served(port, running.pid)
        finally:
            running.terminate()
            running.wait(30)


def serve(settings: S, create: Callable[[S, Database, Clock], object]) -> None:
    """What that process runs."""
    database, clock = Database.from_settings(settings), SystemClock()
    process.run(settings, lambda: [process.serve(create(settings, database, clock), settings)], database.close)
