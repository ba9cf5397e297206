import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from deploy.local import postgres
from deploy.local.mesh import Mesh
from deploy.local.ports import Ports
from deploy.local.running import NotStarted, Running, undisturbed


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Running]:
    running = Running.launch("sleeper", ["sleep", "60"], port=0, log=tmp_path / "log")
    yield running
    running.stop(number=signal.SIGKILL)


def test_a_process_is_found_again_and_ended(sleeper: Running, tmp_path: Path) -> None:
    sleeper.write(tmp_path)
    found = Running.read(tmp_path, "sleeper")
    assert found == sleeper
    found.stop()
    assert Running.read(tmp_path, "sleeper") is None


@pytest.mark.parametrize("other", [{"started": 1}, {"boot": "an earlier one"}])
def test_a_stranger_who_got_the_id_of_a_process_that_is_gone_is_left_alone(
    sleeper: Running, tmp_path: Path, other: dict[str, object]
) -> None:
    replace(sleeper, name="rating", **other).write(tmp_path / "run")  # type: ignore[arg-type]
    mesh = Mesh(tmp_path, Ports.free())
    assert mesh.is_up() is False
    mesh.stop()
    mesh.kill("rating")
    assert sleeper.is_alive()


@pytest.mark.parametrize("text", ["", '{"name": "rati', "[]", '{"name": "rating", "pid": 1, "started": 1, "port": 0}'])
def test_a_record_that_cannot_be_read_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "rating.json").write_text(text)
    assert Running.read(tmp_path, "rating") is None


@pytest.fixture
def _is_interruptible() -> Iterator[None]:
    """Where a shell runs the tests in its background, interrupts are ignored from the beginning."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_is_interruptible")
def test_an_interrupt_waits_for_the_end_of_a_block_that_must_not_be_cut_in_two() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 (the interrupt is sent inside and arrives outside)
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")
        done.append("more")
    assert done == ["all of it"]


def test_a_server_that_does_not_come_up_is_not_left_behind(tmp_path: Path, sleeper: Running) -> None:
    with pytest.raises(NotStarted), sleeper.ended_unless_started():
        replace(sleeper, port=1).wait_for_port(tmp_path / "log", within_s=0)
    assert not sleeper.is_alive()


def test_a_cluster_whose_making_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15")
    server = postgres.start(tmp_path / "postgres", password="postgres", durable=False)
    try:
        postgres.create_databases(server.port, "postgres", {"rating": "secret"})
        psql = subprocess.run(
            [str(postgres.binaries() / "psql"), "-Atc", "SELECT 1", f"postgresql://rating:secret@127.0.0.1:{server.port}/rating"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    finally:
        server.stop()
    assert psql.stdout == "1\n"
    assert not unfinished.exists()


def test_a_folder_that_holds_more_than_a_mesh_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "seeded").write_text(json.dumps(asdict(Running("rating", 1, 1, "", 0))))
    (tmp_path / "thesis.txt").write_text("three years of work")
    Mesh(tmp_path, Ports.free()).remove()
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
