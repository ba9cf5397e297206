"""Starts the servers that a run of tests shares, and takes them down with whatever they started."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
log.dirs={data}
auto.create.topics.enable=false
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=4194304
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
controlled.shutdown.enable=false
"""


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> "Server":
        return cls(**json.loads(file.read_text()))

    def stop(self, number: int = signal.SIGTERM, within_s: float = 10.0) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + within_s
        while _is_alive(self.pid):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def postgres_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if found:
        return found[-1].parent
    return Path(str(shutil.which("initdb"))).parent


def start_postgres(folder: Path, *, durable: bool = False) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    binaries = postgres_binaries()
    data = folder / "data"
    as_owner: list[str] = []
    if os.geteuid() == 0:
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        shutil.chown(folder, "postgres", "postgres")
    password = folder / "password"
    password.write_text("postgres")
    password.chmod(0o644)
    subprocess.run(
        [*as_owner, str(binaries / "initdb"), "-A", "scram-sha-256", "--pwfile", str(password), "-U", "postgres",
         "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", str(data)],
        check=True, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    port = free_port()
    loose = [] if durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [*as_owner, str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
         "-c", "unix_socket_directories=", "-c", "max_connections=300", *loose],
        stdout=log, stderr=log, start_new_session=True, cwd="/",
    )  # fmt: skip
    wait_for_port(port)
    return Server(process.pid, port)


def start_kafka(home: Path, folder: Path, *, port: int | None = None) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "server.properties"
    java = ["java", "-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=2", "-cp", f"{home}/libs/*"]
    if not config.exists():
        port = port or free_port()
        config.write_text(PROPERTIES.format(port=port, controller=free_port(), data=folder / "data"))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id", cluster, "--config", str(config)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        (folder / "port").write_text(str(port))
    log = (folder / "log").open("ab")
    process = subprocess.Popen([*java, "kafka.Kafka", str(config)], stdout=log, stderr=log, start_new_session=True)
    port = int((folder / "port").read_text())
    wait_for_port(port)
    return Server(process.pid, port)
