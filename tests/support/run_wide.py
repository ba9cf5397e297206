"""What all workers of one run of tests share: started once by whoever needs it first, ended with the run."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from deploy.local import kafka as local_kafka
from deploy.local import postgres as local_postgres
from deploy.local.running import Running

_RUNS = Path(__file__).parents[2] / ".tongban" / "test-runs"
_VARIABLE = "TONGBAN_TEST_RUN"

PASSWORD = "postgres"


def open_run() -> None:
    """Called by the process that collects: names the run for its workers and clears away what dead runs left."""
    if _VARIABLE in os.environ:
        return
    for left in _RUNS.glob("*"):
        if not Path(f"/proc/{left.name}").exists():
            _close(left)
    folder = _RUNS / str(os.getpid())
    folder.mkdir(parents=True)
    os.environ[_VARIABLE] = str(folder)


def close_run() -> None:
    """Called by the same process at the end."""
    folder = os.environ.get(_VARIABLE)
    if folder and Path(folder).name == str(os.getpid()):
        del os.environ[_VARIABLE]
        _close(Path(folder))


def _close(folder: Path) -> None:
    servers = [folder / f"{name}.json" for name in ("postgres", "kafka")]
    # A whole mesh keeps its records in a folder of its own.
    for file in (*folder.glob("mesh/run/*.json"), *servers):
        if running := Running.read(file.parent, file.stem):
            running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    return Path(os.environ[_VARIABLE])


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One worker at a time in the block of this name."""
    with (run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def postgres() -> Running:
    """The run's cluster: fast instead of durable, since it ends with the run."""
    return _shared("postgres", lambda folder: local_postgres.start(folder, password=PASSWORD, durable=False))


@cache
def kafka() -> Running:
    return _shared("kafka", local_kafka.start)


def _shared(name: str, start: Callable[[Path], Running]) -> Running:
    with alone(name):
        running = Running.read(run_folder(), name)
        if running is None:
            running = start(run_folder() / name)
            running.write(run_folder())
    return running
