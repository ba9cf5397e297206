"""Servers and processes that outlive the command that started them: how to start, find and end them again."""

import contextlib
import functools
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# PostgreSQL would wait for its clients to leave by themselves; told so, it asks them to.
_FAREWELL = {"postgres": signal.SIGINT}


class NotStarted(Exception):
    """A server did not come up; the text says what a person can do about it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process by its id, its start and the boot of the machine, so that a reused id is never taken for it.

    `port` is where it listens.
    """

    name: str
    pid: int
    started: int
    boot: str
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
        with log.open("ab") as output, undisturbed():
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder, start_new_session=True
            )
            return cls(name, process.pid, _start_of(process.pid) or 0, _boot(), port)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Whoever is killed while writing leaves the whole record or none.
        written = folder / f"{self.name}.json.part"
        written.write_text(json.dumps(asdict(self)))
        written.replace(folder / f"{self.name}.json")

    @classmethod
    def read(cls, folder: Path, name: str) -> "Running | None":
        """The recorded process, if it is still that one."""
        try:
            found = cls(**json.loads((folder / f"{name}.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return found if found.is_alive() else None

    def is_alive(self) -> bool:
        if self.boot != _boot():
            return False
        try:
            if os.waitpid(self.pid, os.WNOHANG)[0] == self.pid:
                return False
        except ChildProcessError:
            pass
        return _start_of(self.pid) == self.started

    def stop(self, *, within_s: float = 15.0, number: int | None = None) -> None:
        """End it, politely first unless `number` says otherwise. Returns when it is gone."""
        self._send(number or _FAREWELL.get(self.name, signal.SIGTERM))
        deadline = time.monotonic() + within_s
        while self.is_alive():
            if time.monotonic() > deadline:
                self._send(signal.SIGKILL)
            time.sleep(0.02)

    def _send(self, number: int) -> None:
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    @contextlib.contextmanager
    def ended_unless_started(self) -> Iterator[None]:
        """A block that waits for it; whatever ends the wait early ends the process too."""
        try:
            yield
        except BaseException:
            with undisturbed():
                self.stop()
            raise

    def wait_for_port(self, log: Path, within_s: float = 60.0) -> None:
        """Return when this very process listens on its port. Raises NotStarted with the end of its log."""
        deadline = time.monotonic() + within_s
        while not (is_open(self.port) and self.holds_port()):
            if not self.is_alive() or time.monotonic() > deadline:
                raise NotStarted(f"{self.name} did not start; the end of {log}:\n{tail(log)}")
            time.sleep(0.05)

    def holds_port(self) -> bool:
        return _listening_inode(self.port) in sockets_of(self.pid)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What would interrupt the block interrupts after it. Signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {number: signal.signal(number, lambda number, _: arrived.append(number)) for number in INTERRUPTS}
    try:
        yield
    finally:
        for interrupt, handler in before.items():
            signal.signal(interrupt, handler)
        for each in arrived:
            signal.raise_signal(each)


def tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """That many different ports that nobody listens on.

    They lie below those that the kernel gives to outgoing connections, of which a mesh that starts makes hundreds: one of
    them could take a port between its choice and its use.
    """
    with contextlib.ExitStack() as stack:
        # All are held until the last is chosen: one that was let go may be chosen again.
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        return [_bound(probe) for probe in probes]


def _bound(probe: socket.socket) -> int:
    above = int(_OUTGOING.read_text().split()[0]) if _OUTGOING.exists() else 32768
    for _ in range(1000):
        with contextlib.suppress(OSError):
            probe.bind((LOOPBACK, above - 1 - secrets.randbelow(min(12_000, above - 1024))))
            return int(probe.getsockname()[1])
    raise NotStarted("no free port was found")


def is_open(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), 1):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Whether somebody there says 200."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refuse_foreign(name: str, port: int, setting: str) -> None:
    """Raises NotStarted when somebody else already listens on the port that `name` is to use."""
    if _listening_inode(port) is not None:
        raise NotStarted(f"port {port} for {name} is held by another program; free it or set {setting}")


@functools.cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


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


def sockets_of(pid: int) -> set[str]:
    found = set()
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    except (FileNotFoundError, PermissionError):
        return found
    return found
