"""What all workers of one run of tests share: started once by whoever needs it first, ended with the run."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import Server, start_kafka, start_postgres

_STATE = Path(__file__).parents[2] / ".tongban"
_RUNS = _STATE / "test-runs"
_VARIABLE = "TONGBAN_TEST_RUN"


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
    for file in folder.glob("*.server"):
        Server.read(file).stop()
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    return Path(os.environ[_VARIABLE])


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One worker at a time in the block of this name."""
    with (run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def postgres() -> Server:
    return _shared("postgres", start_postgres)


def kafka() -> Server:
    return _shared("kafka", start_broker)


def start_broker(folder: Path) -> Server:
    """A broker with its data in `folder`, on the port that it had there before."""
    return start_kafka(_STATE / "kafka", folder)


def _shared(name: str, start: Callable[[Path], Server]) -> Server:
    file = run_folder() / f"{name}.server"
    with alone(name):
        if not file.exists():
            start(run_folder() / name).write(file)
    return Server.read(file)
