"""Servers and processes that outlive the command that started them: how to start, find and end them again."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"


class NotStarted(Exception):
    """A server did not come up; the text says what a person can do about it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process by its id and its start, so that a reused id is never taken for it. `port` is where it listens."""

    name: str
    pid: int
    started: int
    port: int

    @classmethod
    def launch(
        cls,
        name: str,
        command: Sequence[str],
        *,
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> "Running":
        """Start `command` in a session of its own, its output appended to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder, start_new_session=True
            )
        return cls(name, process.pid, _start_of(process.pid) or 0, port)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path, name: str) -> "Running | None":
        """The recorded process, if it is still that one."""
        file = folder / f"{name}.json"
        if not file.exists():
            return None
        found = cls(**json.loads(file.read_text()))
        return found if found.is_alive() else None

    def is_alive(self) -> bool:
        try:
            if os.waitpid(self.pid, os.WNOHANG)[0] == self.pid:
                return False
        except ChildProcessError:
            pass
        return _start_of(self.pid) == self.started

    def stop(self, *, within_s: float = 15.0, number: int = signal.SIGTERM) -> None:
        """End it, politely first. Returns when it is gone."""
        if not self.is_alive():
            return
        os.kill(self.pid, number)
        deadline = time.monotonic() + within_s
        while self.is_alive():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)

    def wait_for_port(self, log: Path, within_s: float = 60.0) -> None:
        """Return when this very process listens on its port. Raises NotStarted with the end of its log."""
        deadline = time.monotonic() + within_s
        while not (is_open(self.port) and self.holds_port()):
            if not self.is_alive() or time.monotonic() > deadline:
                raise NotStarted(f"{self.name} did not start; the end of {log}:\n{tail(log)}")
            time.sleep(0.05)

    def holds_port(self) -> bool:
        return _listening_inode(self.port) in _sockets_of(self.pid)


def tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """That many different ports of the kernel's choice."""
    with contextlib.ExitStack() as stack:
        # All are held until the last is chosen: one that was let go may be chosen again.
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def is_open(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), 1):
            return True
    except OSError:
        return False


def refuse_foreign(name: str, port: int, setting: str) -> None:
    """Raises NotStarted when somebody else already listens on the port that `name` is to use."""
    if _listening_inode(port) is not None:
        raise NotStarted(f"port {port} for {name} is held by another program; free it or set {setting}")


def _start_of(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _listening_inode(port: int) -> str | None:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                return fields[9]
    return None


def _sockets_of(pid: int) -> set[str]:
    found = set()
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    except (FileNotFoundError, PermissionError):
        return found
    return found
