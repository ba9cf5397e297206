"""`.env.example` names everything that can be set, and nothing else."""

import ast
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import AliasChoices

from chassis.settings import ServiceSettings
from contracts.topics import SERVICES
from deploy.local.__main__ import read_dotenv, state_folder
from deploy.local.existing import Existing
from deploy.local.install import ROOT
from deploy.local.ports import DEFAULTS, Ports
from deploy.local.running import NotStarted
from tests.architecture.house_rules import sources

_EXAMPLE = (ROOT / ".env.example").read_text()
# Read by the exporters of OpenTelemetry and by no code of ours.
_OF_LIBRARIES = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_ZIPKIN_ENDPOINT"}


def documented() -> set[str]:
    return set(re.findall(r"^#([A-Z][A-Z0-9_]*)=", _EXAMPLE, re.MULTILINE))


def _settings_classes() -> list[type[ServiceSettings]]:
    modules = [import_module("gateway.settings" if name == "gateway" else f"services.{name}.settings") for name in SERVICES]
    return [getattr(module, f"{name.capitalize()}Settings") for name, module in zip(SERVICES, modules, strict=True)]


def fields() -> set[str]:
    found = set()
    for settings in _settings_classes():
        for name, field in settings.model_fields.items():
            alias = field.validation_alias
            found.add(str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{settings.model_config['env_prefix']}{name.upper()}")
    return found


def read_directly() -> Iterator[str]:
    """Names that our code spells out, wherever it reads them from."""
    for source in sources("chassis", "gateway", "services", "deploy"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[A-Z]+(_[A-Z]+)+", node.value):
                yield node.value


def test_every_setting_of_a_process_is_named() -> None:
    assert fields() - documented() == set()


def test_every_setting_of_the_launcher_is_named() -> None:
    launcher = {Ports.fixed().setting(name) for name in DEFAULTS} | {"TONGBAN_STATE_DIR"} | _OF_LIBRARIES
    assert launcher - documented() == set()


def test_nothing_is_named_that_nobody_reads() -> None:
    launcher = {Ports.fixed().setting(name) for name in DEFAULTS}
    assert documented() - fields() - launcher - set(read_directly()) - _OF_LIBRARIES == set()


def test_what_differs_is_read_from_a_file_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"KAFKA_PORT": "7001"})
    file = tmp_path / ".env"
    file.write_text("# mine\n#ZIPKIN_PORT=1\nKAFKA_PORT=7002\nPOSTGRES_PORT = 7003\nPUBLIC_URL='https://city.example'\n\n")
    read_dotenv(file)
    assert os.environ == {"KAFKA_PORT": "7001", "POSTGRES_PORT": "7003", "PUBLIC_URL": "https://city.example"}
    read_dotenv(tmp_path / "none")


@pytest.mark.parametrize("said", ["", "http", "70000", "0", "-1", "８０８０"])
def test_a_port_is_a_port_or_left_out(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("KAFKA_PORT", said)
    if said:
        with pytest.raises(NotStarted, match="KAFKA_PORT is no port"):
            Ports.fixed()
    else:
        assert Ports.fixed()["kafka"] == DEFAULTS["kafka"]


def test_a_state_folder_that_is_set_to_nothing_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_STATE_DIR", "")
    assert state_folder() == ROOT / ".tongban" / "up"


def test_some_databases_elsewhere_and_some_not_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SERVICES:
        monkeypatch.setenv(f"{name.upper()}_DATABASE_URL", f"postgresql+asyncpg://{name}@db.example/{name}")
    assert set(Existing.named().databases) == set(SERVICES)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "")
    monkeypatch.delenv("RATING_DATABASE_URL")
    with pytest.raises(NotStarted, match="or of none; not set: GATEWAY_DATABASE_URL, RATING_DATABASE_URL"):
        Existing.named()
