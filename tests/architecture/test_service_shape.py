import ast
from pathlib import Path

import pytest

from contracts.topics import SERVICES
from tests.architecture.house_rules import ROOT

SHAPE = frozenset({"routes", "commands", "queries", "repository", "tables", "domain", "migrations"})
PROCESS = frozenset({"__main__", "app", "worker", "settings"})
SERVICE_NAMES = frozenset(SERVICES) - {"gateway"}


def packages() -> dict[str, Path]:
    return {path.name: path for path in sorted((ROOT / "services").iterdir()) if (path / "__init__.py").exists()}


def rooms(package: Path) -> set[str]:
    return {entry.stem for entry in package.iterdir() if entry.suffix == ".py" or entry.is_dir()}


def missing(package: Path, shape: frozenset[str]) -> list[str]:
    return sorted(shape - rooms(package))


@pytest.mark.parametrize("service", packages())
def test_a_service_has_the_shape_of_every_service(service: str) -> None:
    assert missing(packages()[service], SHAPE | PROCESS) == []


def test_the_control_plane_has_the_shape_of_a_service_without_its_processes() -> None:
    assert missing(ROOT / "gateway" / "registry", SHAPE) == []


def test_a_service_without_a_room_is_found(tmp_path: Path) -> None:
    (tmp_path / "routes.py").touch()
    (tmp_path / "commands").mkdir()
    assert missing(tmp_path, frozenset({"routes", "commands", "domain"})) == ["domain"]


def test_the_services_are_those_that_publish() -> None:
    assert set(packages()) <= SERVICE_NAMES
    assert len(SERVICE_NAMES) == 5


@pytest.mark.parametrize("service", packages())
def test_a_service_says_what_it_owns_publishes_and_consumes_and_nothing_else(service: str) -> None:
    tree = ast.parse((packages()[service] / "__init__.py").read_text())
    said = ast.get_docstring(tree) or ""
    assert [word for word in ("Owns", "Publishes", "Consumes") if word not in said] == []
    assert len(tree.body) == 1, "an __init__ of a service holds no code"


@pytest.mark.parametrize("service", packages())
def test_a_service_that_consumes_says_so_and_has_consumers(service: str) -> None:
    said = (packages()[service] / "__init__.py").read_text()
    assert ("Consumes nothing" in said) != ("consumers" in rooms(packages()[service]))


@pytest.mark.parametrize("service", packages())
def test_migrations_are_an_environment_and_numbered_versions(service: str) -> None:
    folder = packages()[service] / "migrations"
    assert (folder / "env.py").is_file()
    names = sorted(file.name for file in (folder / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert names
