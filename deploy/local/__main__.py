"""`python -m deploy.local up|down|status|logs|reset|seed|demo|onboard|rotate-keys`: the mesh on this machine, for people."""

import argparse
import asyncio
import contextlib
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from chassis.errors import ServiceError
from chassis.sealing.resealing import NotResealed
from chassis.sealing.rotation import NotRotated
from deploy.local import rotation, status
from deploy.local.install import ROOT, STATE
from deploy.local.mesh import PROCESSES, Mesh
from deploy.local.ports import Ports
from deploy.local.running import INTERRUPTS, NotStarted, undisturbed

_INTERRUPTED = 130


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=list(COMMANDS))
    parser.add_argument("service", nargs="?", default="")
    arguments = parser.parse_args()
    read_dotenv(ROOT / ".env")
    for number in INTERRUPTS:
        signal.signal(number, _interrupt)
    # What a client's library says of a server that is away is said below in one line.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return COMMANDS[arguments.command](arguments.service)
    except NotStarted as reason:
        print(f"tongban: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tongban: interrupted", file=sys.stderr)
        return _INTERRUPTED


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def state_folder() -> Path:
    return Path(os.environ.get("TONGBAN_STATE_DIR") or STATE / "up").resolve()


def read_dotenv(file: Path) -> None:
    """Settings of `.env`, where the environment itself does not already say otherwise."""
    if file.exists():
        for line in file.read_text().splitlines():
            name, is_set, value = line.partition("=")
            if is_set and not name.lstrip().startswith("#"):
                os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def the_mesh() -> Mesh:
    return Mesh(state_folder(), Ports.fixed())


@contextlib.contextmanager
def alone_at(folder: Path) -> Iterator[None]:
    """One command at a time changes what is in `folder`. Raises NotStarted when another is at it."""
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            # An abstract name leaves no file behind and ends with the process.
            claim.bind(f"\0tongban {hashlib.sha256(os.fsencode(folder)).hexdigest()}")
        except OSError:
            raise NotStarted(f"another command is at work in {folder}; try again when it is done") from None
        yield


class Clocked:
    """Prints progress with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started:5.1f} s] {text}", flush=True)


def up(_: str) -> int:
    mesh = the_mesh()
    progress = Clocked()
    with alone_at(mesh.folder):
        mesh.start(progress)
    progress("ready")
    print(f"""
  gateway       {mesh.gateway_url}
  API document  {mesh.gateway_url}/docs
  traces        {mesh.zipkin_url or "where OTEL_TRACES_EXPORTER sends them"}
  logs          {mesh.folder / "logs"}   (make logs S=rating)
  stop          make down""")
    return 0


def down(_: str) -> int:
    mesh = the_mesh()
    with alone_at(mesh.folder):
        was_up = mesh.is_up()
        mesh.stop()
    print("stopped; data is kept (make reset forgets it)" if was_up else "nothing was running")
    return 0


def show_status(_: str) -> int:
    return status.show(the_mesh())


def logs(service: str) -> int:
    mesh = the_mesh()
    if service and service not in PROCESSES:
        raise NotStarted(f"nothing is called {service}; there are {', '.join(PROCESSES)}")
    files = [mesh.log(service)] if service else sorted((mesh.folder / "logs").glob("*.log"))
    if not files or not files[0].exists():
        raise NotStarted(f"no log of {service or 'anything'} in {mesh.folder / 'logs'}")
    return subprocess.call(["tail", "-n", "40", "-F", *(str(file) for file in files)])


def reset(_: str) -> int:
    mesh = the_mesh()
    with alone_at(mesh.folder):
        mesh.stop()
        mesh.remove()
    print(f"stopped and forgotten: {mesh.folder}")
    return 0


def seed(_: str) -> int:
    mesh = the_mesh()
    with alone_at(mesh.folder):
        (mesh.folder / "seeded").unlink(missing_ok=True)
        mesh.start(Clocked())
    return 0


def rotate_keys(_: str) -> int:
    mesh = the_mesh()
    with alone_at(mesh.folder):
        if not all(mesh.running().values()):
            raise NotStarted("keys are changed beside a running mesh, and not all of it runs (make up starts it)")
        try:
            asyncio.run(rotation.of(mesh, Clocked()).run())
        except (NotRotated, NotResealed, ServiceError, ValueError, OSError) as reason:
            raise NotStarted(f"{reason}; make rotate-keys goes on where it stopped") from None
    return 0


def demo(_: str) -> int:
    """One citizen's journey on a mesh of its own, which is gone afterwards."""
    return _told("demo", "deploy.local.journey")


def onboard(_: str) -> int:
    """A new district's way from nothing to production, on a mesh of its own that demands conformance."""
    os.environ["GATEWAY_CONFORMANCE_REQUIRED"] = "true"
    return _told("onboard", "deploy.local.newcomer")


def _told(name: str, module: str) -> int:
    folder = state_folder()
    mesh = Mesh(folder.with_name(f"{folder.name}-{name}"), Ports.free())
    with alone_at(mesh.folder):
        mesh.stop()
        mesh.remove()
        progress = Clocked()
        try:
            mesh.start(progress)
            progress("ready; the story begins")
            return subprocess.call([sys.executable, "-m", module, str(mesh.journey_config())], cwd=ROOT)
        finally:
            with undisturbed():
                mesh.stop()
                mesh.remove()


COMMANDS = {
    "up": up,
    "down": down,
    "status": show_status,
    "logs": logs,
    "reset": reset,
    "seed": seed,
    "demo": demo,
    "onboard": onboard,
    "rotate-keys": rotate_keys,
}


if __name__ == "__main__":
    sys.exit(main())
