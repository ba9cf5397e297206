"""The mesh as one object: its servers, its six processes, its sandboxes, and their state on disk."""

import asyncio
import concurrent.futures
import contextlib
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from chassis.database import migrate
from chassis.messaging.topics import ensure_topics
from contracts.topics import SERVICES, all_topics
from deploy.local import kafka, platforms, postgres, zipkin
from deploy.local.existing import Existing, given
from deploy.local.founders import Founders
from deploy.local.install import ROOT
from deploy.local.keys import Keyring
from deploy.local.ports import Ports
from deploy.local.running import LOOPBACK, NotStarted, Running, answers, refuse_foreign, tail, undisturbed

PACKAGES = {name: "gateway.registry" if name == "gateway" else f"services.{name}" for name in SERVICES}
MODULES = {name: "gateway" if name == "gateway" else f"services.{name}" for name in SERVICES}
SANDBOXES = {name: f"deploy.local.sandbox.{name}" for name in ("population", "sms", "registry", "province", "supplier")}
SERVERS = ("postgres", "kafka", "zipkin")
PROCESSES = (*SERVERS, *SANDBOXES, *SERVICES)
_FOLDERS = (*SERVERS, "keys", "logs", "run")
_WITNESS = "ledger-witness.jsonl"
_FILES = (_WITNESS, "ports.json", "parties.json", "party_ids.json", "journey.json", "seeded", platforms.FEDERATION, platforms.CLIENTS)

Progress = Callable[[str], None]


class Mesh:
    """A mesh whose state lives in `folder`.

    Servers named by environment variables (`.env.example`) are used as they are and neither started nor stopped.
    """

    def __init__(self, folder: Path, ports: Ports, *, durable: bool = True, with_zipkin: bool = True) -> None:
        self.folder = folder.resolve()
        self.ports = ports
        self._durable = durable
        self._run = self.folder / "run"
        self._keys = Keyring(self.folder / "keys")
        self._founders = Founders(self.folder)
        self._existing = Existing.named()
        self._own_zipkin = with_zipkin and not self._existing.traces

    def __enter__(self) -> Self:
        self.start(lambda _: None)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Addresses

    @property
    def gateway_url(self) -> str:
        """What people and systems use. On ports of the kernel's choice nobody can have named it before."""
        named = given().get("PUBLIC_URL") if self.ports.are_fixed else None
        return named or f"http://localhost:{self.ports['gateway']}"

    @property
    def zipkin_url(self) -> str:
        return f"http://localhost:{self.ports['zipkin']}" if self._own_zipkin else ""

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def database_url(self, service: str) -> str:
        return self._existing.databases.get(service) or postgres.url(self.ports["postgres"], service, self._keys.password(service))

    @property
    def kafka_servers(self) -> str:
        return self._existing.kafka or f"{LOOPBACK}:{self.ports['kafka']}"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    # Life

    def start(self, progress: Progress) -> None:
        """Bring everything up that is not up yet; returns when every process says that it is ready.

        Raises NotStarted. What it started is then stopped again, unless some of the mesh ran before.
        """
        self._take_ports()
        was_up = self.is_up()
        try:
            self._start(progress)
        except BaseException:
            with undisturbed():
                if not was_up:
                    self.stop()
            raise

    def _start(self, progress: Progress) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports.keep(self.folder / "ports.json")
        self._keys.make()
        self._start_servers(progress)
        progress("starting the six processes")
        platforms.write(self.folder, province=self.url("province"), issuer=self.gateway_url)
        for name in (*SANDBOXES, *SERVICES):
            self._launch(name)
        for name in (*SANDBOXES, *SERVICES):
            self._wait_ready(name)
            progress(f"  {name} is ready")
        self._seed(progress)

    def stop(self) -> None:
        """End processes first, so that they finish their work, then the servers they need."""
        self._stop_all((*SERVICES, *SANDBOXES))
        self._stop_all(("zipkin", "kafka", "postgres"))

    def kill(self, name: str) -> None:
        """SIGKILL: the process gets no chance to finish anything."""
        if running := Running.read(self._run, name):
            running.stop(number=9)

    def restart(self, name: str) -> None:
        self._launch(name)
        self._wait_ready(name)

    def stop_kafka(self) -> None:
        self._stop_all(("kafka",))

    def start_kafka(self) -> None:
        kafka.start(self.folder / "kafka", port=self.ports["kafka"]).write(self._run)

    def running(self) -> dict[str, Running | None]:
        """By name, everything that belongs to this mesh and not to somebody else's servers."""
        return {name: Running.read(self._run, name) for name in PROCESSES if self._is_ours(name)}

    def is_up(self) -> bool:
        return any(self.running().values())

    def remove(self) -> None:
        """Forget everything: databases, topics, keys, logs. Of a folder that holds more, the rest stays."""
        for name in _FOLDERS:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in _FILES:
            (self.folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def journey_config(self) -> Path:
        """The file from which the journey learns where this mesh is."""
        file = self.folder / "journey.json"
        known = {name: {key: self._founders.of(name)[key] for key in ("id", "key_file", "officers")} for name in ("operator", "police")}
        file.write_text(json.dumps({"gateway_url": self.gateway_url, "zipkin_url": self.zipkin_url, "sms_url": self.url("sms"), **known}))
        return file

    # Steps of the start

    def _take_ports(self) -> None:
        """Before anything is started or written. Raises NotStarted when a port is somebody else's."""
        self.ports.settle(self.folder / "ports.json")
        for name, running in self.running().items():
            port, setting = self.ports[name], self.ports.setting(name)
            if running is None:
                refuse_foreign(name, port, setting)
            elif running.port != port:
                raise NotStarted(f"{name} already runs on port {running.port}, not {port}; stop the mesh before {setting} changes")

    def _is_ours(self, name: str) -> bool:
        ours = {"postgres": not self._existing.databases, "kafka": not self._existing.kafka, "zipkin": self._own_zipkin}
        return ours.get(name, True)

    def _start_servers(self, progress: Progress) -> None:
        progress("starting PostgreSQL, Kafka and the trace viewer")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            broker = pool.submit(self._start_kafka)
            if self._own_zipkin and not Running.read(self._run, "zipkin"):
                with undisturbed():
                    zipkin.start(self.folder / "zipkin", port=self.ports["zipkin"]).write(self._run)
            self._start_postgres()
            progress("bringing six databases to their newest revision")
            for name in SERVICES:
                pool.submit(self._migrate, name).result()
            self._founders.register(self.database_url("gateway"), suppliers=self.url("supplier"))
            progress("waiting for Kafka")
            broker.result()
        try:
            asyncio.run(ensure_topics(self.kafka_servers, all_topics(), given().get("MESH_NAMESPACE", "")))
        except (OSError, RuntimeError) as error:
            raise NotStarted(f"Kafka at {self.kafka_servers} cannot be used: {_reason(error)}") from error

    def _start_postgres(self) -> None:
        if not self._is_ours("postgres"):
            return
        password, port = self._keys.password("postgres"), self.ports["postgres"]
        if not Running.read(self._run, "postgres"):
            postgres.start(self.folder / "postgres", password=password, port=port, durable=self._durable).write(self._run)
        postgres.create_databases(port, password, {name: self._keys.password(name) for name in SERVICES})

    def _start_kafka(self) -> None:
        if self._is_ours("kafka") and not Running.read(self._run, "kafka"):
            self.start_kafka()

    def _migrate(self, name: str) -> None:
        url = self.database_url(name)
        try:
            migrate.upgrade(PACKAGES[name], url, settings=self.environment(name))
        except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
            where = make_url(url).render_as_string()
            raise NotStarted(f"the database of {name} at {where} cannot be used: {_reason(error)}") from error

    def environment(self, name: str) -> dict[str, str]:
        """Everything a process of the mesh is told."""
        shared = {
            "PYTHONUNBUFFERED": "1",
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_servers,
            # Twelve processes on one machine: the 50 ms of production would measure the machine.
            "GATEWAY_NONCE_DEADLINE_MS": "1000",
            "GATEWAY_SNAPSHOT_FILE": str(self.folder / "run" / "gateway-snapshot.json"),
            "GATEWAY_CONFORMANCE_REQUIRED": "false",
            "POPULATION_BASE_URL": self.url("population"),
            "FACE_CHECK_URL": self.url("population"),
            "EXIT_ENTRY_URL": self.url("population"),
            "ENTERPRISE_REGISTRY_URL": self.url("registry"),
            "CREDIT_REGISTRY_URL": self.url("registry"),
            "SMS_URL": self.url("sms"),
            "PUSH_URL": self.url("sms"),
            "GATEWAY_SUPPLIERS_ON_LOOPBACK": "true",
            "APPLICATION_CALLBACKS_ON_LOOPBACK": "true",
            **platforms.settings(self.folder),
            **self._keys.settings(),
            "APPLICATION_ZIPKIN_URL": self.zipkin_url,
            "GATEWAY_LEDGER_WITNESS_FILE": str(self.folder / _WITNESS),
        }
        if self._own_zipkin:
            shared |= {
                "OTEL_TRACES_EXPORTER": "zipkin_json",
                "OTEL_EXPORTER_ZIPKIN_ENDPOINT": f"http://{LOOPBACK}:{self.ports['zipkin']}/api/v2/spans",
            }
        prefix = name.upper()
        own = {"PUBLIC_URL": self.gateway_url, f"{prefix}_LISTEN_HOST": LOOPBACK, f"{prefix}_LISTEN_PORT": str(self.ports[name])}
        if name in SERVICES:
            own |= {f"{prefix}_DATABASE_URL": self.database_url(name), f"{prefix}_MESH_KEY_FILE": str(self._keys.member_key(name))}
        neighbours = {f"{service.upper()}_URL": self.url(service) for service in SERVICES if service != "gateway"}
        return {**shared, **given(), **neighbours, **own, "PYTHONPATH": str(ROOT)}

    def _launch(self, name: str) -> None:
        if Running.read(self._run, name):
            return
        command = [sys.executable, "-m", SANDBOXES.get(name) or MODULES[name]]
        environment = self.environment(name)
        with undisturbed():
            Running.launch(name, command, port=self.ports[name], log=self.log(name), environment=environment, folder=ROOT).write(self._run)

    def _wait_ready(self, name: str, within_s: float = 60.0) -> None:
        running = Running.read(self._run, name)
        deadline = time.monotonic() + within_s
        while running is not None and running.is_alive() and time.monotonic() < deadline:
            if answers(f"{self.url(name)}/health/ready") and running.holds_port():
                return
            time.sleep(0.1)
        raise NotStarted(f"{name} is not ready; the end of {self.log(name)}:\n{tail(self.log(name))}")

    def _seed(self, progress: Progress) -> None:
        """Import the seed as the department that owns it would, unless this very seed is there already."""
        from deploy.local import seed

        done = self.folder / "seeded"
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in seed.files())).hexdigest()
        if done.exists() and done.read_text() == digest:
            return
        progress("importing the seed through the gateway, some fifteen seconds the first time")
        seed.run(self.url("gateway"), self._founders.of("data-bureau"), self._founders.of("operator"), progress)
        done.write_text(digest)

    def _stop_all(self, names: tuple[str, ...]) -> None:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            found = [running for name in names if (running := Running.read(self._run, name))]
            list(pool.map(lambda running: running.stop(within_s=30.0), found))
        for name in names:
            (self._run / f"{name}.json").unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """One line of it."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


@contextlib.contextmanager
def temporary(folder: Path, **options: bool) -> Iterator[Mesh]:
    """A mesh on ports chosen by the kernel that leaves nothing behind."""
    mesh = Mesh(folder, Ports.free(), **options)
    mesh.remove()
    try:
        with mesh:
            yield mesh
    finally:
        mesh.remove()
