"""Fixtures of all floors: marks by folder, closed sockets on the fast floors, the servers of the run."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.messaging import ensure_topics
from contracts.topics import all_topics
from deploy.conformance.users import USERS
from deploy.local.journey.config import Person, people
from deploy.local.mesh import Mesh
from tests.support import clock as clocks
from tests.support import kafka as brokers
from tests.support import postgres, run_wide, whole_mesh

_FLOORS = (
    "architecture", "unit", "contract", "component", "integration", "system", "resilience", "browser", "conformance", "authzen", "rules", "bench",
)  # fmt: skip
_WITHOUT_SOCKETS = frozenset({"architecture", "unit", "contract"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--modules", metavar="N", help="of the conformance floor only N modules, chosen by TONGBAN_SEED")


def pytest_configure(config: pytest.Config) -> None:
    for floor in _FLOORS:
        config.addinivalue_line("markers", f"{floor}: on the {floor} floor")
    config.addinivalue_line("markers", "long: begun first, so that at the end no worker waits for it")
    if not hasattr(config, "workerinput"):
        run_wide.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run_wide.close_run()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(_floor(item.path))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _floor(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(autouse=True)
def _closed_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if _floor(request.path) in _WITHOUT_SOCKETS:

        def refuse(*_: object) -> NoReturn:
            pytest.fail("this floor may not open a socket")

        monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def clock() -> FixedClock:
    return clocks.fixed_clock()


@pytest.fixture(scope="session")
def _copies() -> Iterator[dict[str, postgres.Copy]]:
    copies: dict[str, postgres.Copy] = {}
    yield copies
    for copy in copies.values():
        copy.close()


@pytest.fixture
async def database_of(_copies: dict[str, postgres.Copy]) -> AsyncIterator[Callable[[str], Database]]:
    """`database_of("services.rating")`: the worker's migrated database of that package, emptied.

    Its connections end with the test.
    """
    opened: list[Database] = []

    def open_empty(package: str) -> Database:
        if package not in _copies:
            _copies[package] = postgres.Copy(package, brokers.worker_name())
        else:
            _copies[package].empty()
        opened.append(_copies[package].database)
        return opened[-1]

    yield open_empty
    for database in opened:
        await database.close()


@pytest.fixture(scope="session")
def namespace() -> str:
    """The prefix of this worker's topics and groups, `MESH_NAMESPACE`."""
    return f"{brokers.worker_name()}."


@pytest.fixture(scope="session")
def kafka(namespace: str) -> str:
    """The bootstrap servers of the run's broker, on which this worker's topics exist."""
    servers = brokers.bootstrap_servers()
    postgres.apart(ensure_topics(servers, all_topics(), namespace))
    return servers


@pytest.fixture(scope="session")
def mesh() -> Iterator[Mesh]:
    """The whole local mesh, one for all who need it."""
    with whole_mesh.running() as mesh:
        yield mesh


@pytest.fixture(scope="session")
def _newcomers() -> Iterator[Person]:
    """Everybody but those who are the test users of the foundation's suite."""
    return iter(people()[:-USERS])


@pytest.fixture
def person(_newcomers: Iterator[Person]) -> Person:
    """Somebody of the sandbox who is new to the mesh."""
    return next(_newcomers)


@pytest.fixture
def another(_newcomers: Iterator[Person]) -> Person:
    return next(_newcomers)
