"""`python -m deploy.local up|down|status|logs|reset|demo`: the mesh on this machine, for people."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from deploy.local import status
from deploy.local.install import ROOT, STATE
from deploy.local.mesh import Mesh
from deploy.local.ports import Ports
from deploy.local.running import NotStarted


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "logs", "reset", "seed", "demo"])
    parser.add_argument("service", nargs="?", default="")
    arguments = parser.parse_args()
    read_dotenv(ROOT / ".env")
    try:
        return COMMANDS[arguments.command](arguments.service)
    except NotStarted as reason:
        print(f"tongban: {reason}", file=sys.stderr)
        return 1


def state_folder() -> Path:
    return Path(os.environ.get("TONGBAN_STATE_DIR", STATE / "up"))


def read_dotenv(file: Path) -> None:
    """Settings of `.env`, where the environment itself does not already say otherwise."""
    if file.exists():
        for line in file.read_text().splitlines():
            name, is_set, value = line.partition("=")
            if is_set and not name.lstrip().startswith("#"):
                os.environ.setdefault(name.strip(), value.strip())


class Clocked:
    """Prints progress with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started:5.1f} s] {text}", flush=True)


def up(_: str) -> int:
    mesh = Mesh(state_folder(), Ports.fixed())
    progress = Clocked()
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
    mesh = Mesh(state_folder(), Ports.fixed())
    mesh.stop()
    print("stopped; data is kept (make reset forgets it)")
    return 0


def show_status(_: str) -> int:
    return status.show(Mesh(state_folder(), Ports.fixed()))


def logs(service: str) -> int:
    mesh = Mesh(state_folder(), Ports.fixed())
    files = [mesh.log(service)] if service else sorted((mesh.folder / "logs").glob("*.log"))
    missing = [file for file in files if not file.exists()]
    if missing or not files:
        print(f"tongban: no log {missing[0] if missing else mesh.folder / 'logs'}", file=sys.stderr)
        return 1
    return subprocess.call(["tail", "-n", "40", "-F", *(str(file) for file in files)])


def reset(_: str) -> int:
    mesh = Mesh(state_folder(), Ports.fixed())
    mesh.stop()
    mesh.remove()
    print(f"stopped and forgotten: {mesh.folder}")
    return 0


def seed(_: str) -> int:
    mesh = Mesh(state_folder(), Ports.fixed())
    (mesh.folder / "seeded").unlink(missing_ok=True)
    mesh.start(Clocked())
    return 0


def demo(_: str) -> int:
    """One citizen's journey on a mesh of its own, which is gone afterwards."""
    mesh = Mesh(STATE / "demo", Ports.free())
    mesh.stop()
    mesh.remove()
    progress = Clocked()
    try:
        mesh.start(progress)
        progress("ready; the journey begins")
        return subprocess.call([sys.executable, "-m", "deploy.local.journey", str(mesh.journey_config())], cwd=ROOT)
    finally:
        mesh.stop()
        mesh.remove()


COMMANDS = {"up": up, "down": down, "status": show_status, "logs": logs, "reset": reset, "seed": seed, "demo": demo}


if __name__ == "__main__":
    sys.exit(main())
