"""The set-up on machines that lack something: other people's programs are stood in for by scripts on an emptied PATH."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.install import ROOT
from tests.support.eventually import eventually

_NOBODY = (shutil.which("setpriv") or "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
_PYTHON = str(Path(sys.executable).resolve())
# One that everybody may run; ours may be in somebody's home.
_ANY_PYTHON = next(path for path in ("/usr/bin/python3", _PYTHON) if Path(path).exists())
_FILES = (
    "deploy/local/install.py",
    "deploy/local/kafka/pom.xml",
    "deploy/local/zipkin/pom.xml",
    "deploy/local/npm/package.json",
    "deploy/local/npm/package-lock.json",
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")


@dataclass(frozen=True, slots=True)
class Machine:
    """A copy of what the set-up is made of, and the only folder of programs that it sees."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".tongban"

    def has(self, name: str, program: str | None) -> None:
        (self.root / "bin" / name).symlink_to(str(program))

    def seems_to_have_python(self) -> None:
        self.script("python3.11", """case "$2" in *ensurepip*) echo yes;; *) echo 3 11;; esac""")

    def script(self, name: str, text: str) -> None:
        file = self.root / "bin" / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def started(self, *code: str, unprivileged: bool = False) -> "subprocess.Popen[str]":
        who = (*_NOBODY, _ANY_PYTHON) if unprivileged and os.geteuid() == 0 else (_PYTHON,)
        return subprocess.Popen(
            [*who, *(code or ("deploy/local/install.py", "run"))],
            cwd=self.root, env={"PATH": str(self.root / "bin")}, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *code: str, unprivileged: bool = False) -> tuple[int, str, str]:
        process = self.started(*code, unprivileged=unprivileged)
        out, errors = process.communicate(timeout=120)
        return process.returncode, out, errors


@pytest.fixture
def machine() -> Iterator[Machine]:
    # Not under pytest's own folder, into which nobody else may look.
    root = Path(tempfile.mkdtemp(prefix="tongban-setup-"))
    try:
        for name in _FILES:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        for name in ("bin", "requirements", ".tongban"):
            (root / name).mkdir()
        root.chmod(0o755)
        (root / ".tongban").chmod(0o777)
        (root / "requirements" / "run.txt").write_text("")
        (root / "requirements" / "dev.txt").write_text("# more")
        yield Machine(root)
    finally:
        shutil.rmtree(root)


def test_who_may_not_install_reads_one_line_that_names_everything(machine: Machine) -> None:
    machine.seems_to_have_python()
    machine.script("apt-get", "exit 0")
    status, out, errors = machine.run(unprivileged=True)
    assert (status, out) == (1, "")
    assert errors == "setup: please install these packages and try again: openjdk-17-jre-headless maven\n"


def test_root_of_another_system_reads_the_same_line(machine: Machine) -> None:
    machine.seems_to_have_python()
    machine.script("mvn", "exit 0")
    assert machine.run() == (1, "", "setup: please install these packages and try again: openjdk-17-jre-headless\n")


def test_another_python_and_an_old_java_are_not_enough(machine: Machine) -> None:
    machine.script("python3", "echo 3 13")
    machine.script("java", """echo 'openjdk version "11.0.2"' >&2""")
    machine.script("mvn", "exit 0")
    _, _, errors = machine.run(unprivileged=True)
    assert errors == "setup: please install these packages and try again: python3.11-venv openjdk-17-jre-headless\n"


@needs_root
@pytest.mark.parametrize(
    ("apt", "said"),
    [
        ('test "$1" = update || { echo "E: no such package"; exit 100; }', "E: no such package\nsetup: apt-get install failed with status 100\n"),
        ("exit 0", "setup: apt-get has not brought what is needed: openjdk-17-jre-headless maven\n"),
    ],
)  # fmt: skip
def test_packages_that_do_not_come_end_the_set_up(machine: Machine, apt: str, said: str) -> None:
    machine.seems_to_have_python()
    machine.script("apt-get", apt)
    status, _, errors = machine.run()
    assert (status, errors) == (1, said)
    assert not (machine.state / "venv").exists()


_KAFKA = ("-c", "from deploy.local import install as i; i.jars('kafka', i.KAFKA_HOME, i.KAFKA_HOME / 'libs')")


def test_jars_that_came_by_half_are_fetched_again(machine: Machine) -> None:
    machine.has("mkdir", shutil.which("mkdir"))
    libs = machine.state / "kafka" / "libs"
    # Like Maven, which copies one jar after another and leaves alone what is there.
    machine.script("mvn", f"mkdir -p {libs} && echo half > {libs}/first.jar && echo 'no route to the repository' && exit 1")
    status, _, errors = machine.run(*_KAFKA)
    assert (status, errors) == (1, "no route to the repository\nsetup: mvn package failed with status 1\n")
    assert (libs / "first.jar").exists()

    machine.script("mvn", f"mkdir -p {libs} && {{ test -e {libs}/first.jar || echo whole > {libs}/first.jar; }}")
    assert machine.run(*_KAFKA)[0] == 0
    assert (libs / "first.jar").read_text() == "whole\n"

    machine.script("mvn", "exit 1")
    assert machine.run(*_KAFKA) == (0, "", ""), "what is whole is not fetched again"


_VENV = ("-c", "from deploy.local import install as i; i.python_packages('run')")


async def test_an_environment_that_was_killed_in_the_making_is_made_anew(machine: Machine) -> None:
    machine.has("python3.11", _PYTHON)
    venv = machine.state / "venv"
    killed = machine.started(*_VENV)
    await eventually((venv / "bin" / "python").exists, within=60)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    left = venv / "lib" / "python3.11" / "site-packages" / "half.py"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.touch()

    assert machine.run(*_VENV)[0] == 0
    assert not left.exists()
    assert (venv / "installed").read_text() == hashlib.sha256(b"").hexdigest()
    assert machine.run(*_VENV) == (0, "", ""), "what is whole is not made again"


async def test_packages_that_were_killed_on_their_way_into_a_whole_environment_make_it_anew(machine: Machine) -> None:
    machine.has("python3.11", _PYTHON)
    machine.has("sleep", shutil.which("sleep"))
    python = machine.state / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (python.parent.parent / "installed").write_text("of other requirements")
    asked = machine.root / "asked"
    python.write_text(f"#!/bin/sh\n: > {asked}\nexec sleep 60\n")
    python.chmod(0o755)
    killed = machine.started(*_VENV)
    await eventually(asked.exists, within=30)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    status, out, _ = machine.run(*_VENV)
    assert status == 0
    assert "creating the virtual environment" in out


_NPM = ("-c", "from deploy.local import install as i; i.node_modules()")


def test_libraries_of_pages_that_did_not_come_are_fetched_again_and_whole_ones_are_not(machine: Machine) -> None:
    machine.has("mkdir", shutil.which("mkdir"))
    modules = machine.state / "npm" / "node_modules"
    machine.script("npm", f"mkdir -p {modules}; echo 'no route to the registry'; exit 1")
    status, out, errors = machine.run(*_NPM)
    assert (status, errors) == (1, "no route to the registry\nsetup: npm ci failed with status 1\n")
    assert out == "setup: fetching the libraries of the browser tests through npm (a few seconds)\n"

    asked = machine.root / "asked"
    machine.script("npm", f'echo "$@" > {asked}')
    assert machine.run(*_NPM)[0] == 0
    assert asked.read_text().startswith(f"ci --prefix {modules.parent} --ignore-scripts")
    assert (modules.parent / "package-lock.json").read_bytes() == (ROOT / "deploy/local/npm/package-lock.json").read_bytes()

    machine.script("npm", "exit 1")
    assert machine.run(*_NPM) == (0, "", "")
    (machine.root / "deploy/local/npm/package-lock.json").write_text("{}")
    assert machine.run(*_NPM)[0] == 1, "other versions are fetched"


_WANTED = ("-c", "from deploy.local import install as i; print(*[name for name, is_there in i.DEV_PACKAGES.items() if not is_there()])")


def test_npm_itself_is_wanted_only_where_its_work_is_still_to_be_done(machine: Machine) -> None:
    assert "npm" in machine.run(*_WANTED)[1].split()
    machine.script("npm", "exit 0")
    assert "npm" not in machine.run(*_WANTED)[1].split()
    (machine.root / "bin" / "npm").unlink()
    modules = machine.state / "npm" / "node_modules"
    modules.mkdir(parents=True)
    (modules / "installed").write_text(hashlib.sha256((ROOT / "deploy/local/npm/package-lock.json").read_bytes()).hexdigest())
    assert "npm" not in machine.run(*_WANTED)[1].split()
