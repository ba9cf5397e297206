import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.topics import SERVICES
from deploy.schemas import FOLDER, event_types, generated, openapi, stale_files, write
from tests.architecture.house_rules import ROOT


def test_the_committed_documents_are_what_the_code_says() -> None:
    assert [file.relative_to(FOLDER).as_posix() for file in stale_files(dict(generated()))] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_document(service: str) -> None:
    document = openapi(service)
    assert document["paths"]
    assert json.loads((FOLDER / "openapi" / f"{service}.json").read_text()) == document


def test_writing_twice_changes_nothing_and_leaves_nothing_else(tmp_path: Path) -> None:
    wanted = dict(generated(tmp_path, ("catalogue",)))
    assert len(wanted) == 2 + len(event_types())
    assert set(stale_files(wanted, tmp_path)) == wanted.keys()
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "forgotten.json").write_text("{}")
    write(wanted, tmp_path)
    assert stale_files(dict(generated(tmp_path, ("catalogue",))), tmp_path) == []
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == wanted.keys()


def test_a_document_that_was_edited_is_stale(tmp_path: Path) -> None:
    wanted = dict(generated(tmp_path, ()))
    write(wanted, tmp_path)
    (tmp_path / "asyncapi.json").write_text("{}")
    assert stale_files(wanted, tmp_path) == [tmp_path / "asyncapi.json"]


def test_another_process_generates_the_same() -> None:
    """Sets and dictionaries have an order of their own in each process."""
    code = "import sys; from deploy.schemas import generated; sys.stdout.write(''.join(t for _, t in generated(services=('identity',))))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "".join(text for _, text in generated(services=("identity",)))


def test_every_reference_of_the_event_document_leads_somewhere() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text())
    messages = document["components"]["messages"]
    for name, message in messages.items():
        assert (FOLDER / message["payload"]["$ref"]).is_file(), name
    for channel in document["channels"].values():
        assert {each["$ref"].removeprefix("#/components/messages/") for each in channel["messages"].values()} <= messages.keys()
    assert {name for channel in document["channels"].values() for name in channel["messages"]} == messages.keys()
