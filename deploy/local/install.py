"""Brings what the mesh needs to this machine, through the ordinary package clients.

`python3 deploy/local/install.py run|dev`: Debian packages (as root on Debian), a virtual environment with the pinned
Python packages, Kafka and the trace viewer from Maven, and for tests a library for pages from npm. Every step is skipped when its result is already there, and a
step that was interrupted starts over. Standard library only: nothing else is installed yet when this runs.
"""

# Understood by older Pythons too, which then say which one is needed.
from __future__ import annotations

import fcntl
import hashlib
import os
import re
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
NODE_MODULES = STATE / "npm" / "node_modules"
ZIPKIN_JAR = STATE / "zipkin" / "zipkin-server-slim.jar"
POSTGRES = Path("/usr/lib/postgresql")
_OLDEST_POSTGRES = 15
_OLDEST_JAVA = 17
_SAY_EVERY_S = 15

PACKAGES: dict[str, Callable[[], bool]] = {
    "python3.11-venv": lambda: (VENV / "installed").exists() or _can_make_environments(),
    "postgresql": lambda: postgres_binaries() is not None,
    "openjdk-17-jre-headless": lambda: _java_version() >= _OLDEST_JAVA,
    "maven": lambda: _jars_are_there() or bool(shutil.which("mvn")),
}
DEV_PACKAGES: dict[str, Callable[[], bool]] = {
    "chromium": lambda: bool(shutil.which("chromium")),
    "fonts-noto-cjk": lambda: Path("/usr/share/fonts/opentype/noto").exists(),
    # The service behind on the bench, and the proxy that the gateway's manners are compared with.
    "nginx-light": lambda: Path("/usr/sbin/nginx").exists(),
    # What drives the browser in the tests brings a Node of its own, which needs it.
    "libatomic1": lambda: any(Path("/usr/lib").glob("*/libatomic.so.1")),
    "npm": lambda: _node_modules_are_there() or bool(shutil.which("npm")),
}


def main(what: str) -> None:
    STATE.mkdir(exist_ok=True)
    with (STATE / "setup.lock").open("w") as lock:
        # Two commands of one checkout would otherwise install over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        debian_packages(PACKAGES if what == "run" else {**PACKAGES, **DEV_PACKAGES})
        python_packages(what)
        if what == "dev":
            node_modules()
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
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if "postgresql" in missing and not settings.exists():
        # Without this the package would start a server of its own on the standard port.
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")
    if "nginx-light" in missing:
        _keep_from_starting("nginx")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], environment, "apt-get update")
    options = ["-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=120"]
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *options, *missing], environment, "apt-get install")
    if still := [name for name in missing if not wanted[name]()]:
        sys.exit(f"setup: apt-get has not brought what is needed: {' '.join(still)}")


def _keep_from_starting(service: str) -> None:
    """Its package would start a server of its own; a link to nothing says that it must not."""
    masked = Path("/etc/systemd/system") / f"{service}.service"
    if masked.parent.exists() and not masked.exists() and not masked.is_symlink():
        masked.symlink_to("/dev/null")


def python_packages(what: str) -> None:
    lock = ROOT / "requirements" / f"{what}.txt"
    stamp = VENV / "installed"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = set(stamp.read_text().split()) if stamp.exists() else set()
    if digest in done:
        return
    if not done:
        # Without its stamp an environment is one whose making was interrupted: nobody knows what is in it.
        say("creating the virtual environment")
        _run([str(_python()), "-m", "venv", "--clear", str(VENV)], None, "python3 -m venv")
    stamp.unlink(missing_ok=True)
    say(f"installing the pinned Python packages of requirements/{what}.txt (about a minute)")
    python = str(VENV / "bin" / "python")
    _run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)], None, "pip install")
    _run([python, "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")], None, "compileall", must=False)
    stamp.write_text("\n".join({*done, digest}))


def _python() -> str | None:
    """A Python 3.11."""
    found = [path for name in ("python3.11", "python3") if (path := shutil.which(name))]
    return next((path for path in found if _says(path, "-c", "import sys; print(*sys.version_info[:2])") == "3 11\n"), None)


def _can_make_environments() -> bool:
    python = _python()
    return python is not None and _says(python, "-c", "import ensurepip, venv; print('yes')") == "yes\n"


def postgres_binaries() -> Path | None:
    """The folder of the newest PostgreSQL here, if it is new enough."""
    folders = sorted(POSTGRES.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    found = str(folders[-1]) if folders else shutil.which("initdb")
    version = re.search(r"\d+", _says(found, "--version")) if found else None
    return Path(found).parent if found and version and int(version.group()) >= _OLDEST_POSTGRES else None


def _java_version() -> int:
    version = re.search(r'version "(\d+)', _says("java", "-version")) if shutil.which("java") else None
    return int(version.group(1)) if version else 0


def _says(*command: str) -> str:
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def _jars_are_there() -> bool:
    return _has_jars("kafka", KAFKA_HOME, KAFKA_HOME / "libs") and _has_jars("zipkin", ZIPKIN_JAR.parent, ZIPKIN_JAR)


def _has_jars(name: str, home: Path, result: Path) -> bool:
    stamp = home / "installed"
    return stamp.exists() and stamp.read_text() == _digest_of(name) and result.exists()


def _pom(name: str) -> Path:
    return ROOT / "deploy" / "local" / name / "pom.xml"


def _digest_of(name: str) -> str:
    return hashlib.sha256(_pom(name).read_bytes()).hexdigest()


def jars(name: str, home: Path, result: Path) -> None:
    if _has_jars(name, home, result):
        return
    say(f"fetching {name} through Maven (about 20 seconds)")
    # Maven leaves a jar alone that is there already, also one of which an interrupted run copied the half.
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    _run(["mvn", "-q", "-B", "-ntp", "-C", "-f", str(_pom(name)), f"-Dhome={home}", "package"], None, "mvn package")
    (home / "installed").write_text(_digest_of(name))


def _npm_lock() -> Path:
    return ROOT / "deploy" / "local" / "npm" / "package-lock.json"


def _node_modules_are_there() -> bool:
    stamp = NODE_MODULES / "installed"
    return stamp.exists() and stamp.read_text() == hashlib.sha256(_npm_lock().read_bytes()).hexdigest()


def node_modules() -> None:
    """Libraries that pages of the browser tests load; nothing of the mesh needs them."""
    if _node_modules_are_there():
        return
    say("fetching the libraries of the browser tests through npm (a few seconds)")
    # npm would install beside the files that name the packages.
    home = NODE_MODULES.parent
    home.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_npm_lock().parent / name, home / name)
    # It empties the folder first, so a run that was interrupted leaves nothing that the next one keeps.
    _run(["npm", "ci", "--prefix", str(home), "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], None, "npm ci")
    (NODE_MODULES / "installed").write_text(hashlib.sha256(_npm_lock().read_bytes()).hexdigest())


def archive_path() -> Path:
    """The class archive of this JVM and these jars; a touched jar would silently disable another one."""
    described = [_says("java", "-version")]
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
    from deploy.local.running import NotStarted

    folder = STATE / "archive-run"
    unfinished = archive.with_suffix(".part")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        kafka.start(folder, class_archive=f"-XX:ArchiveClassesAtExit={unfinished}").stop(within_s=30)
    except NotStarted as reason:
        sys.exit(f"setup: {reason}")
    # A JVM that cannot write it runs without it.
    if unfinished.exists():
        unfinished.rename(archive)
    shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], environment: dict[str, str] | None, what: str, *, must: bool = True) -> None:
    """Run quietly, saying now and then that it still runs; on failure show the last lines and end."""
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        while True:
            try:
                output, _ = running.communicate(timeout=_SAY_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                say(f"{what}: {time.monotonic() - started:.0f} s so far")
            except BaseException:
                running.terminate()
                raise
    if running.returncode and must:
        print("\n".join(output.splitlines()[-15:]), file=sys.stderr)
        sys.exit(f"setup: {what} failed with status {running.returncode}")
    if (spent := time.monotonic() - started) > 3:
        say(f"{what} done in {spent:.0f} s")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; the next run starts over where this one was")
