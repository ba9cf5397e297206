"""The commands that people use, as `make` runs them."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from deploy.local.__main__ import alone_at
from deploy.local.install import ROOT
from deploy.local.mesh import PROCESSES, Mesh
from deploy.local.ports import DEFAULTS, Ports
from deploy.local.running import free_port, free_ports, sockets_of
from tests.support.eventually import eventually


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's shell: a state folder and ports of its own. `first` is what its first `up` printed."""

    folder: Path
    environment: dict[str, str]

    def start(self, *command: str, **settings: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *command], cwd=ROOT, env={**self.environment, **settings},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *command: str, **settings: str) -> tuple[int, str, str]:
        process = self.start(*command, **settings)
        try:
            out, errors = process.communicate(timeout=150)
        finally:
            process.kill()
        return process.returncode, out, errors

    def pids(self) -> dict[str, int]:
        return {name: running.pid for name, running in Mesh(self.folder, Ports.free()).running().items() if running}


def desk_at(folder: Path) -> Desk:
    ports = {Ports.free().setting(name): str(port) for name, port in zip(DEFAULTS, free_ports(len(DEFAULTS)), strict=True)}
    return Desk(folder, {**os.environ, **ports, "TONGBAN_STATE_DIR": str(folder)})


def processes_about(folder: Path) -> list[str]:
    """What runs with this folder in its command or its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if int(process.name) != os.getpid() and os.fsencode(folder) in command + (process / "environ").read_bytes():
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


@dataclass(frozen=True, slots=True)
class Up:
    desk: Desk
    said: str


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    desk = desk_at(tmp_path_factory.mktemp("commands") / "up")
    try:
        status, out, errors = desk.run("up")
        assert (status, errors) == (0, "")
        yield Up(desk, out)
    finally:
        status, out, _ = desk.run("reset")
    assert (status, out) == (0, f"stopped and forgotten: {desk.folder}\n")
    assert not desk.folder.exists()
    assert processes_about(desk.folder) == []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Where nothing was ever up."""
    return desk_at(tmp_path / "state")


def is_refused(outcome: tuple[int, str, str], desk: Desk, *words: str) -> bool:
    """One line, status 1, and no trace of it."""
    status, out, errors = outcome
    assert (status, out, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("tongban: ")
    assert [word for word in words if word not in errors] == []
    assert not desk.folder.exists()
    return processes_about(desk.folder) == []


def test_up_shows_progress_and_ends_with_the_addresses(up: Up) -> None:
    progress = re.findall(r"^\[ *\d+\.\d s\] (.*)$", up.said, re.MULTILINE)
    assert len(progress) > len(DEFAULTS)
    assert progress[-1] == "ready"
    environment = up.desk.environment
    tail = up.said.splitlines()[-5:]
    assert tail[0].split() == ["gateway", f"http://localhost:{environment['GATEWAY_LISTEN_PORT']}"]
    assert tail[2].split() == ["traces", f"http://localhost:{environment['ZIPKIN_PORT']}"]
    assert str(up.desk.folder / "logs") in tail[3]


def test_status_lists_every_process_with_its_memory(up: Up) -> None:
    status, out, _ = up.desk.run("status")
    assert status == 0
    listed = {line.split()[0]: line.split()[1:] for line in out.splitlines()[1:]}
    assert listed.keys() == {*PROCESSES, "all"}
    for name, pid in up.desk.pids().items():
        assert int(listed[name][0]) == pid
        assert int(listed[name][2]) > 0, f"{name} takes no memory"
    assert int(listed["all"][0]) == pytest.approx(sum(int(listed[name][2]) for name in PROCESSES), abs=len(PROCESSES))


def test_everything_listens_on_loopback_only(up: Up) -> None:
    listening = {}
    for table in ("tcp", "tcp6"):
        lines = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
        listening |= {fields[9]: fields[1].rsplit(":", 1) for fields in lines if fields[3] == "0A"}
    ours = {name: [listening[each] for each in sockets_of(pid) & listening.keys()] for name, pid in up.desk.pids().items()}
    assert [name for name, heard in ours.items() if not heard] == []
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert [(name, host, int(port, 16)) for name, heard in ours.items() for host, port in heard if host not in loopback] == []


async def test_logs_follow_one_process_and_know_no_other(up: Up) -> None:
    following = up.desk.start("logs", "rating")
    try:
        assert following.stdout
        assert await asyncio.wait_for(asyncio.to_thread(following.stdout.readline), 30)
        following.send_signal(signal.SIGINT)
        await asyncio.wait_for(asyncio.to_thread(following.communicate), 30)
        assert following.returncode == 130
    finally:
        following.kill()
    status, out, errors = up.desk.run("logs", "raiting")
    assert (status, out) == (1, "")
    assert errors == f"tongban: nothing is called raiting; there are {', '.join(PROCESSES)}\n"
    assert {each.stem for each in (up.desk.folder / "logs").iterdir()} == set(PROCESSES), "one file a process"


def test_up_once_more_starts_nothing_and_stops_nothing(up: Up) -> None:
    before = up.desk.pids()
    assert before.keys() == set(PROCESSES)
    assert up.desk.run("up")[0] == 0
    assert up.desk.pids() == before


def test_a_port_may_not_change_under_a_running_mesh(up: Up) -> None:
    before = up.desk.pids()
    status, out, errors = up.desk.run("up", KAFKA_PORT=str(free_port()))
    assert (status, out, errors.count("\n")) == (1, "", 1)
    assert "kafka already runs on port" in errors
    assert up.desk.pids() == before


def test_one_command_at_a_time(up: Up) -> None:
    before = up.desk.pids()
    with alone_at(up.desk.folder):
        for command in ("up", "reset"):
            status, out, errors = up.desk.run(command)
            assert (status, out) == (1, "")
            assert errors == f"tongban: another command is at work in {up.desk.folder}; try again when it is done\n"
    assert up.desk.pids() == before


async def _kept(desk: Desk, query: str) -> list[int]:
    environment = desk.environment
    password = (desk.folder / "keys" / "rating.password").read_text()
    url = make_url(f"postgresql://rating:{password}@127.0.0.1:{environment['POSTGRES_PORT']}/rating")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_what_is_down_keeps_its_data(up: Up) -> None:
    await _kept(up.desk, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS number")
    assert up.desk.run("down") == (0, "stopped; data is kept (make reset forgets it)\n", "")
    assert processes_about(up.desk.folder) == []
    assert up.desk.run("down") == (0, "nothing was running\n", "")
    assert up.desk.run("status") == (1, "nothing is running (make up starts it)\n", "")
    status, out, _ = up.desk.run("up")
    assert status == 0
    assert "importing the seed" not in out
    assert await _kept(up.desk, "SELECT number FROM kept") == [42]


@pytest.mark.parametrize("name", ["gateway", "kafka"])
def test_a_port_that_is_somebody_elses_is_named_and_nothing_happens(desk: Desk, name: str) -> None:
    setting = Ports.free().setting(name)
    with socket.create_server(("127.0.0.1", int(desk.environment[setting]))):
        assert is_refused(desk.run("up"), desk, f"port {desk.environment[setting]} for {name} is held by another program", setting)


def _some_databases() -> dict[str, str]:
    return {"RATING_DATABASE_URL": "postgresql+asyncpg://rating@db.example/rating"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ZIPKIN_PORT": "many"}, ["ZIPKIN_PORT is no port: many"]),
        (_some_databases(), ["all six databases", "IDENTITY_DATABASE_URL"]),
    ],
)
def test_settings_that_make_no_sense_are_named_and_nothing_happens(desk: Desk, settings: dict[str, str], words: Sequence[str]) -> None:
    assert is_refused(desk.run("up", **settings), desk, *words)


async def test_a_demo_that_is_interrupted_leaves_nothing_behind(desk: Desk) -> None:
    folder = desk.folder.with_name(f"{desk.folder.name}-demo")
    demo = desk.start("demo", TMPDIR=str(folder.parent))
    try:
        assert demo.stdout
        # The servers run, and half of the processes.
        await eventually((folder / "run" / "certificate.json").exists, within=90)
        assert processes_about(folder)
        demo.send_signal(signal.SIGINT)
        _, errors = await asyncio.to_thread(demo.communicate)
    finally:
        demo.kill()
    assert (demo.returncode, errors) == (130, "tongban: interrupted\n")
    assert processes_about(folder) == []
    assert list(folder.parent.iterdir()) == []
