"""The mesh as one object: its servers, its six processes, its sandboxes, and their state on disk."""

import asyncio
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from chassis.database import migrate
from chassis.messaging.topics import ensure_topics
from contracts.topics import SERVICES, all_topics
from contracts.values import PartyId
from deploy.local import kafka, keys, postgres, zipkin
from deploy.local.install import ROOT
from deploy.local.ports import Ports
from deploy.local.running import LOOPBACK, NotStarted, Running, refuse_foreign, tail

PACKAGES = {name: "gateway.registry" if name == "gateway" else f"services.{name}" for name in SERVICES}
MODULES = {name: "gateway" if name == "gateway" else f"services.{name}" for name in SERVICES}
SANDBOXES = {"population": "deploy.local.sandbox.population", "sms": "deploy.local.sandbox.sms"}
_SEALING = ("identity", "application", "certificate", "rating")
SERVERS = ("postgres", "kafka", "zipkin")

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
        self._keys = self.folder / "keys"
        self._own_postgres = not all(f"{name.upper()}_DATABASE_URL" in os.environ for name in SERVICES)
        self._own_kafka = "KAFKA_BOOTSTRAP_SERVERS" not in os.environ
        self._own_zipkin = with_zipkin and "OTEL_TRACES_EXPORTER" not in os.environ

    def __enter__(self) -> Self:
        try:
            self.start(lambda _: None)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Addresses

    @property
    def gateway_url(self) -> str:
        return os.environ.get("PUBLIC_URL", f"http://localhost:{self.ports['gateway']}")

    @property
    def zipkin_url(self) -> str:
        return f"http://localhost:{self.ports['zipkin']}" if self._own_zipkin else ""

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def database_url(self, service: str) -> str:
        given = os.environ.get(f"{service.upper()}_DATABASE_URL")
        return given or postgres.url(self.ports["postgres"], service, self._password(service))

    @property
    def kafka_servers(self) -> str:
        return os.environ.get("KAFKA_BOOTSTRAP_SERVERS", f"{LOOPBACK}:{self.ports['kafka']}")

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    # Life

    def start(self, progress: Progress) -> None:
        """Bring everything up that is not up yet; returns when every process says that it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_ports()
        self._make_keys()
        self._start_servers(progress)
        progress("starting the six processes")
        for name in (*SANDBOXES, *SERVICES):
            self._launch(name)
        for name in (*SANDBOXES, *SERVICES):
            self._wait_ready(name)
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
        return {name: Running.read(self._run, name) for name in (*SERVERS, *SANDBOXES, *SERVICES)}

    def is_up(self) -> bool:
        return any(self.running().values())

    def remove(self) -> None:
        """Forget everything: databases, topics, keys, logs."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # Parties known from the start

    def party(self, name: str) -> dict[str, Any]:
        """One of the parties registered at set-up, with its key file: operator, data-bureau or police."""
        return dict(next(party for party in self._parties() if party["slug"] == name))

    def journey_config(self) -> Path:
        """The file from which the journey learns where this mesh is."""
        file = self.folder / "journey.json"
        known = {name: {key: self.party(name)[key] for key in ("id", "key_file", "officers")} for name in ("operator", "police")}
        file.write_text(json.dumps({"gateway_url": self.gateway_url, "zipkin_url": self.zipkin_url, "sms_url": self.url("sms"), **known}))
        return file

    # Steps of the start

    def _take_ports(self) -> None:
        self.ports.settle(self.folder / "ports.json")
        for name, port in self.ports.items():
            if Running.read(self._run, name) is None and self._is_ours(name):
                refuse_foreign(name, port, self.ports.setting(name))

    def _is_ours(self, name: str) -> bool:
        return {"postgres": self._own_postgres, "kafka": self._own_kafka, "zipkin": self._own_zipkin}.get(name, True)

    def _make_keys(self) -> None:
        members = {name: keys.private_key(self._keys / f"{name}.pem") for name in SERVICES}
        keys.public_keys(self._keys / "public.json", members)
        for name in ("identity-signing", "certificate-signing"):
            keys.private_key(self._keys / f"{name}.pem")
        for name in _SEALING:
            keys.secret(self._keys / f"{name}-data.key")

    def _password(self, role: str) -> str:
        return keys.secret(self._keys / f"{role}.password", 16)

    def _start_servers(self, progress: Progress) -> None:
        progress("starting PostgreSQL, Kafka and the trace viewer")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            broker = pool.submit(self._start_kafka)
            if self._own_zipkin and not Running.read(self._run, "zipkin"):
                zipkin.start(self.folder / "zipkin", port=self.ports["zipkin"]).write(self._run)
            self._start_postgres()
            progress("bringing six databases to their newest revision")
            pool.submit(self._migrate).result()
            self._bootstrap()
            broker.result()
        asyncio.run(ensure_topics(self.kafka_servers, all_topics(), os.environ.get("MESH_NAMESPACE", "")))

    def _start_postgres(self) -> None:
        if not self._own_postgres or Running.read(self._run, "postgres"):
            return
        password = self._password("postgres")
        server = postgres.start(self.folder / "postgres", password=password, port=self.ports["postgres"], durable=self._durable)
        server.write(self._run)
        postgres.create_databases(server.port, password, {name: self._password(name) for name in SERVICES})

    def _start_kafka(self) -> None:
        if self._own_kafka and not Running.read(self._run, "kafka"):
            self.start_kafka()

    def _migrate(self) -> None:
        for name in SERVICES:
            migrate.upgrade(PACKAGES[name], self.database_url(name))

    def _bootstrap(self) -> None:
        """Register at the gateway the parties that register everybody else, and every resource and policy."""
        from gateway.registry.bootstrap import bootstrap

        file = self.folder / "parties.json"
        file.write_text(json.dumps({"parties": [self._registration(party) for party in self._parties()]}, ensure_ascii=False))
        bootstrap(file, self.database_url("gateway"))

    def _registration(self, party: dict[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in party.items() if name not in {"slug", "key_file"}}
        return {**said, "jwk": keys.public_jwk(Path(party["key_file"]))}

    def _parties(self) -> list[dict[str, Any]]:
        """The parties of `bootstrap_parties.json`, each with an id and a key of this mesh's own."""
        described = json.loads((Path(__file__).parent / "bootstrap_parties.json").read_text())
        ids = self.folder / "party_ids.json"
        known = json.loads(ids.read_text()) if ids.exists() else {}
        for party in described:
            party["id"] = known.setdefault(party["slug"], str(PartyId.new()))
            party["key_file"] = str(keys.private_key(self._keys / f"party-{party['slug']}.pem"))
        ids.write_text(json.dumps(known))
        return list(described)

    def environment(self, name: str) -> dict[str, str]:
        """Everything a process of the mesh is told."""
        shared = {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PUBLIC_URL": self.gateway_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_servers,
            # Eleven processes on one machine: the 50 ms of production would measure the machine.
            "GATEWAY_NONCE_DEADLINE_MS": "1000",
            "MESH_PUBLIC_KEYS_FILE": str(self._keys / "public.json"),
            "POPULATION_BASE_URL": self.url("population"),
            "FACE_CHECK_URL": self.url("population"),
            "SMS_URL": self.url("sms"),
            "IDENTITY_SIGNING_KEY_FILE": str(self._keys / "identity-signing.pem"),
            "CERTIFICATE_SIGNING_KEY_FILE": str(self._keys / "certificate-signing.pem"),
        }
        shared |= {f"{service.upper()}_DATA_KEY_FILE": str(self._keys / f"{service}-data.key") for service in _SEALING}
        shared |= {f"{service.upper()}_URL": self.url(service) for service in SERVICES if service != "gateway"}
        if self._own_zipkin:
            shared |= {
                "OTEL_TRACES_EXPORTER": "zipkin_json",
                "OTEL_EXPORTER_ZIPKIN_ENDPOINT": f"http://{LOOPBACK}:{self.ports['zipkin']}/api/v2/spans",
            }
        prefix = name.upper()
        own = {f"{prefix}_LISTEN_HOST": LOOPBACK, f"{prefix}_LISTEN_PORT": str(self.ports[name])}
        if name in SERVICES:
            own |= {f"{prefix}_DATABASE_URL": self.database_url(name), f"{prefix}_MESH_KEY_FILE": str(self._keys / f"{name}.pem")}
        return {**shared, **os.environ, **own, "PYTHONPATH": str(ROOT)}

    def _launch(self, name: str) -> None:
        if Running.read(self._run, name):
            return
        module = SANDBOXES.get(name) or MODULES[name]
        Running.launch(
            name, [sys.executable, "-m", module], port=self.ports[name], log=self.log(name), environment=self.environment(name), folder=ROOT
        ).write(self._run)

    def _wait_ready(self, name: str, within_s: float = 60.0) -> None:
        running = Running.read(self._run, name)
        deadline = time.monotonic() + within_s
        while running is not None and running.is_alive() and time.monotonic() < deadline:
            if _answers(f"{self.url(name)}/health/ready") and running.holds_port():
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
        progress("importing the seed through the gateway")
        seed.run(self.gateway_url, self.party("data-bureau"))
        done.write_text(digest)

    def _stop_all(self, names: tuple[str, ...]) -> None:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            found = [running for name in names if (running := Running.read(self._run, name))]
            list(pool.map(lambda running: running.stop(within_s=30.0), found))
        for name in names:
            (self._run / f"{name}.json").unlink(missing_ok=True)


def _answers(url: str) -> bool:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


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
