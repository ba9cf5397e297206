"""Zipkin shows traces in a browser. It keeps them in memory and forgets the oldest: nothing of ours depends on it."""

import os
from pathlib import Path

from deploy.local.install import ZIPKIN_JAR
from deploy.local.running import LOOPBACK, Running, free_port


def start(folder: Path, *, port: int = 0) -> Running:
    """A viewer on `port`. It takes a few seconds; wait for it with `wait_for_port`, or do not wait at all."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    environment = os.environ | {"STORAGE_TYPE": "mem", "MEM_MAX_SPANS": "50000", "SELF_TRACING_ENABLED": "false"}
    command = [
        "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=1",
        f"-Darmeria.ports[0].ip={LOOPBACK}", f"-Darmeria.ports[0].port={port}", "-Darmeria.ports[0].protocols[0]=http",
        "-jar", str(ZIPKIN_JAR),
    ]  # fmt: skip
    return Running.launch("zipkin", command, port=port, log=folder.parent / "logs" / "zipkin.log", environment=environment, folder=folder)
