import configparser
from pathlib import Path

import pytest
from importlinter import cli

from tests.architecture.house_rules import ROOT


def _contracts() -> list[str]:
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter")
    return [read[section]["name"] for section in read.sections() if section.startswith("importlinter:contract:")]


def test_every_import_rule_is_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    failed = cli.lint_imports(str(ROOT / ".importlinter"), cache_dir=str(tmp_path))
    said = capsys.readouterr().out
    assert failed == cli.EXIT_STATUS_SUCCESS, said
    assert len(_contracts()) >= 9
    assert [name for name in _contracts() if f"{name} KEPT" not in said] == []


def test_an_import_upwards_would_be_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    upside_down = (ROOT / ".importlinter").read_text().replace("    chassis\n    contracts\n\n", "    contracts\n    chassis\n\n", 1)
    assert upside_down != (ROOT / ".importlinter").read_text()
    (tmp_path / "rules").write_text(upside_down)
    assert cli.lint_imports(str(tmp_path / "rules"), cache_dir=str(tmp_path)) == cli.EXIT_STATUS_ERROR
    assert "chassis on contracts BROKEN" in capsys.readouterr().out
