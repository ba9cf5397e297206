"""Apache Kafka in KRaft mode: one node that is broker and controller, from its published jars."""

import base64
import subprocess
import uuid
from pathlib import Path

from deploy.local.install import KAFKA_HOME, archive_path
from deploy.local.running import LOOPBACK, NotStarted, Running, free_port, is_open

_JVM = ("-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=2", "-Djava.awt.headless=true")

_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=BROKER://{host}:{port}
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
metadata.max.idle.interval.ms=5000
controlled.shutdown.enable=false
"""


def start(folder: Path, *, port: int = 0, class_archive: str = "") -> Running:
    """A broker on the log in `folder`, made on first use and kept on its ports by the file beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    ports = folder / "ports"
    chosen, controller = (int(each) for each in ports.read_text().split()) if ports.exists() else (0, 0)
    port = port or chosen or free_port()
    if not controller or is_open(controller):
        controller = free_port()
    ports.write_text(f"{port} {controller}")
    properties.write_text(_PROPERTIES.format(host=LOOPBACK, port=port, controller=controller, data=folder / "data"))
    if not (folder / "data" / "meta.properties").exists():
        _format(properties)
    archive = class_archive or f"-XX:SharedArchiveFile={archive_path()}"
    log = folder.parent / "logs" / "kafka.log"
    command = ["java", *_JVM, archive, "-Xshare:auto", "-cp", f"{KAFKA_HOME}/libs/*", "kafka.Kafka", str(properties)]
    server = Running.launch("kafka", command, port=port, log=log, folder=folder)
    with server.ended_unless_started():
        server.wait_for_port(log)
    return server


def cluster_id(number: uuid.UUID) -> str:
    """The identifier as Kafka writes it: 22 characters, the first no dash, which its command would take for an option."""
    return base64.urlsafe_b64encode(bytes([number.bytes[0] & 0x7F]) + number.bytes[1:]).decode().rstrip("=")


def _format(properties: Path) -> None:
    cluster = cluster_id(uuid.uuid4())
    finished = subprocess.run(
        ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-XX:SharedArchiveFile={archive_path()}", "-Xshare:auto",
         "-cp", f"{KAFKA_HOME}/libs/*", "kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id", cluster,
         "--config", str(properties)],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if finished.returncode:
        raise NotStarted(f"Kafka's log could not be made:\n{finished.stdout[-1000:]}")
