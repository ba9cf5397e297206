"""Brings what the mesh needs to this machine, through the ordinary package clients.

`python3 deploy/local/install.py run|dev`: Debian packages (as root on Debian), a virtual environment with the pinned
Python packages, Kafka and the trace viewer from Maven. Every step is skipped when its result is already there. Standard library only: nothing else
is installed yet when this runs.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".tongban"
VENV = STATE / "venv"
KAFKA_HOME = STATE / "kafka"
ZIPKIN_JAR = STATE / "zipkin" / "zipkin-server-slim.jar"
POSTGRES = Path("/usr/lib/postgresql")

PACKAGES: dict[str, Callable[[], bool]] = {
    "python3-venv": lambda: VENV.exists() or _imports("ensurepip"),
    "postgresql": lambda: any(POSTGRES.glob("*/bin/initdb")) or bool(shutil.which("initdb")),
    "openjdk-17-jre-headless": lambda: bool(shutil.which("java")),
    "maven": lambda: _jars_are_there() or bool(shutil.which("mvn")),
}
DEV_PACKAGES: dict[str, Callable[[], bool]] = {
    "chromium": lambda: bool(shutil.which("chromium")),
    "fonts-noto-cjk": lambda: Path("/usr/share/fonts/opentype/noto").exists(),
}


def main(what: str) -> None:
    STATE.mkdir(exist_ok=True)
    debian_packages(PACKAGES | (DEV_PACKAGES if what == "dev" else {}))
    python_packages(what)
    jars("kafka", KAFKA_HOME, KAFKA_HOME / "libs")
    jars("zipkin", ZIPKIN_JAR.parent, ZIPKIN_JAR)
    class_archive()


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def debian_packages(wanted: dict[str, Callable[[], bool]]) -> None:
    missing = [name for name, is_there in wanted.items() if not is_there()]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"setup: please install these packages and try again: {' '.join(missing)}")
    say(f"installing Debian packages (a few minutes on a new machine): {' '.join(missing)}")
    if "postgresql" in missing:
        # Without this the package would start a server of its own on the standard port.
        settings = Path("/etc/postgresql-common/createcluster.conf")
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], environment, "apt-get update")
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", *missing]
    _run(command, environment, "apt-get install")


def python_packages(what: str) -> None:
    lock = ROOT / "requirements" / f"{what}.txt"
    stamp = VENV / "installed"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = set(stamp.read_text().split()) if stamp.exists() else set()
    if digest in done:
        return
    if not (VENV / "bin" / "python").exists():
        say("creating the virtual environment")
        _run([_python(), "-m", "venv", str(VENV)], None, "python3 -m venv")
    say(f"installing the pinned Python packages of requirements/{what}.txt (about a minute)")
    _run(
        [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)],
        None,
        "pip install",
    )
    _run([str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")], None, "compileall", must=False)
    stamp.write_text("\n".join({*done, digest}))


def _python() -> str:
    for name in ("python3.11", "python3", "python3.12", "python3.13"):
        found = shutil.which(name)
        if found and _version(found) == (3, 11):
            return found
    sys.exit("setup: Python 3.11 is needed and was not found")


def _version(python: str) -> tuple[int, int]:
    said = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], check=True, capture_output=True, text=True)
    major, minor = said.stdout.split()
    return int(major), int(minor)


def _imports(module: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


def _jars_are_there() -> bool:
    return all((home / "installed").exists() for home in (KAFKA_HOME, ZIPKIN_JAR.parent))


def jars(name: str, home: Path, result: Path) -> None:
    pom = ROOT / "deploy" / "local" / name / "pom.xml"
    stamp = home / "installed"
    digest = hashlib.sha256(pom.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and result.exists():
        return
    say(f"fetching {name} through Maven (about 20 seconds)")
    home.mkdir(parents=True, exist_ok=True)
    _run(["mvn", "-q", "-B", "-ntp", "-C", "-f", str(pom), f"-Dhome={home}", "package"], None, "mvn package")
    stamp.write_text(digest)


def archive_path() -> Path:
    """The class archive of this JVM and these jars; a touched jar would silently disable another one."""
    described = [subprocess.run(["java", "-version"], check=True, capture_output=True, text=True).stderr]
    described += [f"{jar.name} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in sorted((KAFKA_HOME / "libs").iterdir())]
    return KAFKA_HOME / f"{hashlib.sha256(chr(10).join(described).encode()).hexdigest()[:16]}.jsa"


def class_archive() -> None:
    """Kafka starts in half the time from an archive of its loaded classes, written once by a first run of it."""
    archive = archive_path()
    if archive.exists():
        return
    say("preparing Kafka's class archive, so that it starts quickly (about 10 seconds)")
    sys.path.insert(0, str(ROOT))
    from deploy.local import kafka

    folder = STATE / "archive-run"
    shutil.rmtree(folder, ignore_errors=True)
    kafka.start(folder, class_archive=f"-XX:ArchiveClassesAtExit={archive}").stop(within_s=30)
    shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], environment: dict[str, str] | None, what: str, *, must: bool = True) -> None:
    """Run quietly; on failure show the last lines and end."""
    started = time.monotonic()
    finished = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if finished.returncode and must:
        print("\n".join(finished.stdout.splitlines()[-15:]), file=sys.stderr)
        sys.exit(f"setup: {what} failed with status {finished.returncode}")
    if (spent := time.monotonic() - started) > 3:
        say(f"{what} done in {spent:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1])
